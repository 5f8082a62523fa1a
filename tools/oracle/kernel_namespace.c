/* SPDX-License-Identifier: MIT */
/*
 * Namespaces for the devices. A network namespace is made in a thread of its
 * own, and lives on in the devices and sockets that were opened there. A user
 * who is not root gets the rights for it in a user namespace (user_namespaces
 * (7)), which the whole process moves into.
 */
#include "kernel_private.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Whether the process may make devices, sockets and mounts as it needs. */
static bool has_rights(void)
{
    const uint32_t needed =
        1U << CAP_SYS_ADMIN | 1U << CAP_NET_ADMIN | 1U << CAP_NET_RAW;
    struct __user_cap_header_struct header = {.version =
                                                  _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {{0}};

    return syscall(SYS_capget, &header, data) == 0 &&
           (data[0].effective & needed) == needed;
}

/* The number that a file of sysctl(8) holds, or -1. */
static long read_sysctl(const char *path)
{
    char text[32] = "";
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t len = fd < 0 ? -1 : read(fd, text, sizeof text - 1);

    if (fd >= 0)
        close(fd);
    return len <= 0 ? -1 : strtol(text, NULL, 10);
}

/* Names the switch that forbids user namespaces here, if one does. */
static const char *find_remedy(void)
{
    if (read_sysctl("/proc/sys/user/max_user_namespaces") == 0)
        return "run it as root, or set the sysctl "
               "user.max_user_namespaces over 0";
    if (read_sysctl("/proc/sys/kernel/unprivileged_userns_clone") == 0)
        return "run it as root, or set the sysctl "
               "kernel.unprivileged_userns_clone to 1";
    if (read_sysctl("/proc/sys/kernel/"
                    "apparmor_restrict_unprivileged_userns") == 1)
        return "run it as root, or set the sysctl "
               "kernel.apparmor_restrict_unprivileged_userns to 0";
    return geteuid() == 0 ? "in a container: run it with --privileged"
                          : "run it as root";
}

static bool refuse(char why[WHY_LEN])
{
    const int error = errno;
    const char *remedy = find_remedy();

    errno = error;
    return kernel_lacks(why, "the rights to make a network namespace (%s)",
                        remedy);
}

/* Makes the user of the outer namespace root of this one. */
static bool map_ids(uid_t user, gid_t group, char why[WHY_LEN])
{
    char users[32];
    char groups[32];

    snprintf(users, sizeof users, "0 %u 1", (unsigned)user);
    snprintf(groups, sizeof groups, "0 %u 1", (unsigned)group);
    return kernel_file_write("/proc/self/setgroups", "deny", why) &&
           kernel_file_write("/proc/self/uid_map", users, why) &&
           kernel_file_write("/proc/self/gid_map", groups, why);
}

bool kernel_take_rights(char why[WHY_LEN])
{
    const uid_t user = geteuid();
    const gid_t group = getegid();

    if (has_rights())
        return true;
    if (unshare(CLONE_NEWUSER) != 0)
        return refuse(why);
    return map_ids(user, group, why) && (has_rights() || refuse(why));
}

static bool enter_namespaces(char why[WHY_LEN])
{
    if (unshare(CLONE_NEWNET | CLONE_NEWNS) != 0)
        return refuse(why);
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("sysfs", "/sys", "sysfs", 0, NULL) != 0)
        return kernel_lacks(why, "a sysfs of the namespace (in a container: "
                                 "run it with --privileged)");
    return true;
}

const char *kernel_try_namespaces(void)
{
    char why[WHY_LEN];
    const bool good = kernel_take_rights(why) && enter_namespaces(why);
    const int error = errno;
    const char *remedy = good ? NULL : find_remedy();

    errno = error;
    return remedy;
}

/* What the thread that makes the namespaces is given and gives back. */
struct opening {
    bool (*open)(void *what, char why[WHY_LEN]);
    void *what;
    char *why;
    bool good;
};

static void *open_in_namespace(void *argument)
{
    struct opening *opening = argument;

    opening->good = enter_namespaces(opening->why) &&
                    opening->open(opening->what, opening->why);
    return NULL;
}

bool kernel_open_apart(bool (*open)(void *what, char why[WHY_LEN]), void *what,
                       char why[WHY_LEN])
{
    struct opening opening = {.open = open, .what = what, .why = why};
    pthread_t thread;

    errno = pthread_create(&thread, NULL, open_in_namespace, &opening);
    if (errno != 0)
        return kernel_lacks(why, "a thread");
    pthread_join(thread, NULL);
    return opening.good;
}
