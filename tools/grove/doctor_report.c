/* SPDX-License-Identifier: MIT */
/* The output of `grove doctor`. */
#include "doctor.h"

#include <string.h>
#include <sys/utsname.h>

#include "grove.h"
#include "grove/table.h"
#include "print_json.h"

#define NEEDS(id) (1U << (id))

/* What can be done with grove, and the checks that must work for it. */
static const struct {
    const char *what;
    unsigned needs;
} uses[] = {
    {"explain", 0},
    {"check", 0},
    {"diff --exec", 0},
    {"accumulate", 0},
    {"adapter", 0},
    {"bench", 0},
    {"gen", NEEDS(CHECK_KERNEL)},
    {"check --kernel", NEEDS(CHECK_KERNEL)},
    {"diff", NEEDS(CHECK_KERNEL)},
    {"kernel", NEEDS(CHECK_KERNEL)},
    {"profile", NEEDS(CHECK_KERNEL)},
    {"tun", NEEDS(CHECK_RIGHTS) | NEEDS(CHECK_NODE)},
};

#define USES (sizeof uses / sizeof uses[0])

static bool can(const struct doctor *doctor, size_t use)
{
    for (enum check_id id = 0; id < CHECKS; id++)
        if ((uses[use].needs & NEEDS(id)) != 0 &&
            doctor->checked[id].state != CHECK_WORKS)
            return false;
    return true;
}

static const char *release_of(struct utsname *system)
{
    return uname(system) == 0 ? system->release : "unknown";
}

static void print_check(const struct checked *checked, const char *name)
{
    static const char *const words[] = {"works", "FAILS", "-"};
    static const enum colour colours[] = {COLOUR_GREEN, COLOUR_RED,
                                          COLOUR_NONE};

    printf("  %s%-5s%s  %-13s  %s\n", colour(stdout, colours[checked->state]),
           words[checked->state], colour(stdout, COLOUR_NONE), name,
           checked->says);
    if (checked->state == CHECK_FAILS)
        printf("  %-5s  %-13s  remedy: %s\n", "", "", checked->remedy);
}

static void print_uses(const struct doctor *doctor, const char *title,
                       bool wanted)
{
    const char *between = "";

    printf("  %s: ", title);
    for (size_t i = 0; i < USES; i++) {
        if (can(doctor, i) != wanted)
            continue;
        printf("%s%s", between, uses[i].what);
        between = ", ";
    }
    puts(*between == '\0' ? "nothing" : "");
}

void doctor_print(const struct doctor *doctor)
{
    struct utsname system;

    printf("grove %s on Linux %s\n\n", grove_version(), release_of(&system));
    for (enum check_id id = 0; id < CHECKS; id++)
        print_check(&doctor->checked[id], check_name(id));
    putchar('\n');
    print_uses(doctor, "can be used here", true);
    print_uses(doctor, "cannot", false);
}

static json_t *encode(const struct checked *checked, const char *name)
{
    static const char *const words[] = {"works", "fails", "left out"};
    json_t *object = json_object();

    json_object_set_new(object, "name", json_text(name));
    json_object_set_new(object, "state", json_text(words[checked->state]));
    json_object_set_new(object, "says", json_text(checked->says));
    if (checked->state == CHECK_FAILS)
        json_object_set_new(object, "remedy", json_text(checked->remedy));
    return object;
}

void doctor_print_json(const struct doctor *doctor)
{
    json_t *object = json_object();
    json_t *checks = json_array();
    json_t *can_use = json_object();
    struct utsname system;

    for (enum check_id id = 0; id < CHECKS; id++)
        json_array_append_new(checks,
                              encode(&doctor->checked[id], check_name(id)));
    for (size_t i = 0; i < USES; i++)
        json_object_set_new(can_use, uses[i].what,
                            json_boolean(can(doctor, i)));
    json_object_set_new(object, "grove", json_text(grove_version()));
    json_object_set_new(object, "release", json_text(release_of(&system)));
    json_object_set_new(object, "works",
                        json_boolean(doctor_is_content(doctor)));
    json_object_set_new(object, "kernel", json_text(doctor->kernel));
    json_object_set_new(object, "profile", json_text(doctor->profile));
    json_object_set_new(object, "checks", checks);
    json_object_set_new(object, "commands", can_use);
    print_json_line(object);
}
