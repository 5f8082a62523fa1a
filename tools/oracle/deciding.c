/* SPDX-License-Identifier: MIT */
#include "deciding.h"

#include <err.h>
#include <string.h>

#include "hex.h"
#include "tunnel.h"

/* As deciding.def says. */
struct packet {
    const char *vnet;
    const char *bytes;
    size_t len;
    size_t period;
};

static const struct {
    const char *id;
    const char *columns;
    const char *read;
    enum run_op op;
    uint8_t vnet_len;
    uint32_t max_bytes;
    bool fraglist;
    const char *tunnel;
    const struct packet *packets;
    size_t count;
} vectors[] = {
#define PACKET(vnet, bytes, len, period)                                       \
    {                                                                          \
        vnet, bytes, len, period                                               \
    }
#define GROVE_DECIDING(id, columns, read, op, vnet_len, max_bytes, fraglist,   \
                       tunnel, ...)                                            \
    {id,                                                                       \
     columns,                                                                  \
     read,                                                                     \
     op,                                                                       \
     vnet_len,                                                                 \
     max_bytes,                                                                \
     fraglist,                                                                 \
     tunnel,                                                                   \
     (const struct packet[]){__VA_ARGS__},                                     \
     sizeof((const struct packet[]){__VA_ARGS__}) / sizeof(struct packet)},
#include "deciding.def"
};

static size_t decode(struct arena *arena, const char *text, uint8_t **bytes)
{
    size_t len;
    const char *why = hex_decode(arena, text, strlen(text), bytes, &len);

    if (why != NULL)
        errx(70, "deciding.def: %s: %s", text, why);
    return len;
}

static struct run_input input_of(const struct packet *packet, size_t vnet_len,
                                 struct arena *arena)
{
    struct run_input input = {.len = packet->len};
    uint8_t *bytes = arena_alloc(arena, packet->len, 1);
    uint8_t *given;
    const size_t count = decode(arena, packet->bytes, &given);

    for (size_t i = 0; i < packet->len; i++)
        bytes[i] = i < count ? given[i] : bytes[i - packet->period];
    input.packet = bytes;
    input.has_vnet = decode(arena, packet->vnet, &given) == vnet_len;
    if (input.has_vnet)
        memcpy(input.vnet, given, vnet_len);
    return input;
}

/* The configuration of vector `number`. */
static struct run_config config_of(size_t number)
{
    struct run_config config = run_config_default();
    const char *tunnel = vectors[number].tunnel;

    config.vnet_len = vectors[number].vnet_len;
    config.max_bytes = vectors[number].max_bytes;
    config.fraglist = vectors[number].fraglist;
    if (tunnel == NULL)
        return config;
    if (!tunnel_read(tunnel, &config.tunnels[0]))
        errx(70, "deciding.def: %s: no tunnel", tunnel);
    config.tunnel_count = 1;
    return config;
}

bool deciding_vector(size_t number, struct arena *arena,
                     struct deciding *vector)
{
    struct run_input *input;

    if (number >= sizeof vectors / sizeof vectors[0])
        return false;
    input = arena_alloc(arena, vectors[number].count, sizeof *input);
    for (size_t i = 0; i < vectors[number].count; i++)
        input[i] = input_of(&vectors[number].packets[i],
                            vectors[number].vnet_len, arena);
    *vector = (struct deciding){
        .id = vectors[number].id,
        .columns = vectors[number].columns,
        .read = vectors[number].read,
        .run =
            {
                .op = vectors[number].op,
                .config = config_of(number),
                .input = input,
                .inputs = vectors[number].count,
            },
    };
    return true;
}

bool deciding_lists(const char *columns, const char *column)
{
    const size_t len = strlen(column);

    for (const char *at = columns; *at != '\0'; at += strspn(at, " ")) {
        const size_t word = strcspn(at, " ");

        if (word == len && memcmp(at, column, len) == 0)
            return true;
        at += word;
    }
    return false;
}
