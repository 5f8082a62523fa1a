/* SPDX-License-Identifier: MIT */
/*
 * The devices for questions with the same layers. A question of op gro is asked
 * by one of two devices: a fast one for up to 64 packets, and one without that
 * limit.
 */
#include "kernel_private.h"

#include <string.h>

/* In real time where the caller may decide when the kernel thread runs. */
static bool open_polled(struct kernel_world *world, char why[WHY_LEN])
{
    if (!kernel_device_open(&world->polled, &world->layers, &kernel_threaded,
                            why))
        return false;
    world->in_real_time =
        kernel_thread_pin(world->polled.tun.name, &world->cpu);
    if (world->in_real_time)
        return true;
    kernel_device_close(&world->polled);
    return kernel_device_open(&world->polled, &world->layers, &kernel_occupied,
                              why);
}

/*
 * One of the two is enough: a kernel before 5.12 has no thread that polls, and
 * only root of the machine may put a flush off.
 */
bool kernel_world_open(struct kernel_world *world,
                       const struct kernel_layers *layers, char why[WHY_LEN])
{
    char ignored[WHY_LEN];

    *world = (struct kernel_world){.layers = *layers};
    world->has_polled = open_polled(world, why);
    world->has_deferred =
        kernel_device_open(&world->deferred, layers, &kernel_deferred, ignored);
    return world->has_polled || world->has_deferred;
}

bool kernel_world_split(struct kernel_world *world, char why[WHY_LEN])
{
    if (!world->splits)
        world->splits = kernel_split_open(&world->split, &world->layers, why);
    return world->splits;
}

void kernel_world_close(struct kernel_world *world)
{
    if (world->has_polled)
        kernel_device_close(&world->polled);
    if (world->has_deferred)
        kernel_device_close(&world->deferred);
    if (world->splits)
        kernel_split_close(&world->split);
    *world = (struct kernel_world){.layers = world->layers};
}

bool kernel_world_renew(struct kernel_world *world, char why[WHY_LEN])
{
    const struct kernel_layers layers = world->layers;

    kernel_world_close(world);
    return kernel_world_open(world, &layers, why);
}

/* The first world stays open; of the others the oldest makes room. */
static struct kernel_world *make_world(struct kernel_worlds *worlds,
                                       const struct kernel_layers *layers)
{
    struct kernel_world *world = &worlds->world[worlds->count];
    char why[WHY_LEN];

    if (worlds->count == KERNEL_WORLDS) {
        world = &worlds->world[1 + worlds->made % (KERNEL_WORLDS - 1)];
        kernel_world_close(world);
    } else {
        worlds->count++;
    }
    worlds->made++;
    if (!kernel_world_open(world, layers, why))
        memcpy(world->lacks, why, sizeof world->lacks);
    return world;
}

struct kernel_world *kernel_worlds_find(struct kernel_worlds *worlds,
                                        const struct kernel_layers *layers)
{
    for (unsigned i = 0; i < worlds->count; i++)
        if (kernel_layers_equal(&worlds->world[i].layers, layers))
            return &worlds->world[i];
    return make_world(worlds, layers);
}

void kernel_worlds_close(struct kernel_worlds *worlds)
{
    for (unsigned i = 0; i < worlds->count; i++)
        kernel_world_close(&worlds->world[i]);
    worlds->count = 0;
}
