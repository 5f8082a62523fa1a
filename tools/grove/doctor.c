/* SPDX-License-Identifier: MIT */
#include "doctor.h"

#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define NEEDS(id) (1U << (id))

/* What a check is called, and which others must work before it is done. */
static const struct {
    const char *name;
    void (*look)(struct doctor *doctor, struct checked *checked);
    unsigned needs;
    bool apart; /* it changes the process, and is done in another one */
} checks[CHECKS] = {
    [CHECK_RIGHTS] = {"rights", check_rights, 0, false},
    [CHECK_NODE] = {"/dev/net/tun", check_node, 0, false},
    [CHECK_NAMESPACES] = {"namespaces", check_namespaces, 0, true},
    [CHECK_IPV6] = {"IPv6", check_ipv6, 0, false},
    [CHECK_DEVICE] = {"TUN device", check_device,
                      NEEDS(CHECK_NODE) | NEEDS(CHECK_NAMESPACES), true},
    [CHECK_PROBE] = {"super-packets", check_probe, NEEDS(CHECK_DEVICE), true},
    [CHECK_KERNEL] = {"kernel", check_kernel, NEEDS(CHECK_DEVICE), true},
    [CHECK_LEFTOVERS] = {"leftovers", check_leftovers, 0, false},
    [CHECK_CAPTURES] = {"captures", check_captures, 0, false},
};

const char *check_name(enum check_id id)
{
    return checks[id].name;
}

/* Leaves the check out if another one fails that it needs. */
static bool can_look(struct doctor *doctor, enum check_id id)
{
    struct checked *checked = &doctor->checked[id];

    for (enum check_id other = 0; other < CHECKS; other++) {
        if ((checks[id].needs & NEEDS(other)) == 0 ||
            doctor->checked[other].state == CHECK_WORKS)
            continue;
        checked->state = CHECK_LEFT_OUT;
        snprintf(checked->says, sizeof checked->says, "needs: %s",
                 checks[other].name);
        return false;
    }
    return true;
}

static void look(struct doctor *doctor, bool apart)
{
    for (enum check_id id = 0; id < CHECKS; id++)
        if (checks[id].apart == apart && can_look(doctor, id))
            checks[id].look(doctor, &doctor->checked[id]);
}

/* The child puts its results into memory that both processes see. */
static void look_apart(struct doctor *doctor)
{
    struct doctor *shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE,
                                 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t child = -1;

    if (shared != MAP_FAILED) {
        *shared = *doctor;
        fflush(NULL);
        child = fork();
    }
    if (child == 0) {
        look(shared, true);
        _exit(0);
    }
    if (child > 0 && waitpid(child, NULL, 0) == child)
        *doctor = *shared;
    if (shared != MAP_FAILED)
        munmap(shared, sizeof *shared);
}

void doctor_examine(struct doctor *doctor)
{
    memset(doctor, 0, sizeof *doctor);
    for (enum check_id id = 0; id < CHECKS; id++)
        check_fails(&doctor->checked[id], "report it", "the check has ended");
    look(doctor, false);
    look_apart(doctor);
}

bool doctor_is_content(const struct doctor *doctor)
{
    for (enum check_id id = 0; id < CHECKS; id++)
        if (doctor->checked[id].state != CHECK_WORKS)
            return false;
    return true;
}
