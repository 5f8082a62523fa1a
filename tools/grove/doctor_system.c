/* SPDX-License-Identifier: MIT */
/* What a process may do here, and which programs there are. */
#include "doctor.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "grove/tun.h"
#include "run.h"

/* A device of every namespace, and never a TUN. */
#define NO_TUN "lo"

static bool has_net_admin(void)
{
    struct __user_cap_header_struct header = {.version =
                                                  _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {{0}};

    return syscall(SYS_capget, &header, data) == 0 &&
           (data[0].effective & 1U << CAP_NET_ADMIN) != 0;
}

void check_rights(struct doctor *doctor, struct checked *checked)
{
    (void)doctor;
    if (has_net_admin())
        check_works(checked, "CAP_NET_ADMIN: devices can be configured");
    else
        check_fails(checked, grove_tun_remedy_words(GROVE_TUN_CAUSE_RIGHTS),
                    "%s, so `grove tun` cannot configure devices",
                    grove_tun_cause_words(GROVE_TUN_CAUSE_RIGHTS));
}

/* A name that no TUN can have: the node is opened, and no device is made. */
void check_node(struct doctor *doctor, struct checked *checked)
{
    const struct grove_tun_config config = {.name = NO_TUN};
    struct grove_tun *tun = NULL;
    struct grove_tun_error error;

    (void)doctor;
    if (grove_tun_open(&config, &tun, &error))
        grove_tun_close(tun);
    if (error.step != GROVE_TUN_STEP_NODE)
        check_works(checked, "can be opened");
    else if (error.cause == GROVE_TUN_CAUSE_UNKNOWN)
        check_fails(checked, grove_tun_remedy_words(error.cause), "%s",
                    strerror(error.number));
    else
        check_fails(checked, grove_tun_remedy_words(error.cause), "%s",
                    grove_tun_cause_words(error.cause));
}

void check_namespaces(struct doctor *doctor, struct checked *checked)
{
    const bool root = has_net_admin();
    const char *remedy = kernel_try_namespaces();

    (void)doctor;
    if (remedy != NULL)
        check_fails(checked, remedy, "no network namespace can be made: %s",
                    strerror(errno));
    else
        check_works(checked, "a network namespace can be made%s",
                    root ? "" : ", in a user namespace");
}

/* The first byte of a file, or EOF. */
static int first_byte(const char *path)
{
    FILE *file = fopen(path, "re");
    const int byte = file != NULL ? getc(file) : EOF;

    if (file != NULL)
        fclose(file);
    return byte;
}

/* By the setting that a new device of this namespace gets. */
void check_ipv6(struct doctor *doctor, struct checked *checked)
{
    const int off = first_byte("/proc/sys/net/ipv6/conf/default/disable_ipv6");
    const enum grove_tun_cause cause =
        off == EOF ? GROVE_TUN_CAUSE_IP6_NONE : GROVE_TUN_CAUSE_IP6_OFF;

    (void)doctor;
    if (off == '0')
        check_works(checked, "new devices can have addresses of IPv6");
    else
        check_fails(checked, grove_tun_remedy_words(cause),
                    "new devices have no IPv6: %s",
                    grove_tun_cause_words(cause));
}

/* Where the version ends in what tcpdump and tshark print. */
static const char *const details[] = {" (with ", " (Git "};

/* Adds a line to the versions if it is one. */
static void add_version(char *line, char *versions, size_t size)
{
    const size_t len = strlen(versions);

    if (strstr(line, " version ") == NULL && strstr(line, "TShark ") != line)
        return;
    for (size_t i = 0; i < sizeof details / sizeof details[0]; i++) {
        char *end = strstr(line, details[i]);

        if (end != NULL)
            *end = '\0';
    }
    line[strcspn(line, "\n")] = '\0';
    snprintf(versions + len, size - len, "%s%s", len > 0 ? ", " : "", line);
}

/* Adds the versions that the program prints, if there is one. */
static void add_versions(const char *command, char *versions, size_t size)
{
    /* NOLINTNEXTLINE(cert-env33-c): PATH is the user's, as in a shell */
    FILE *stream = popen(command, "re");
    const size_t before = strlen(versions);
    char line[128];

    if (stream == NULL)
        return;
    while (fgets(line, sizeof line, stream) != NULL)
        add_version(line, versions, size);
    if (pclose(stream) != 0)
        versions[before] = '\0';
}

void check_captures(struct doctor *doctor, struct checked *checked)
{
    char versions[sizeof checked->says / 2] = "";

    (void)doctor;
    add_versions("tcpdump --version 2>&1", versions, sizeof versions);
    add_versions("tshark --version 2>&1", versions, sizeof versions);
    if (versions[0] != '\0')
        check_works(checked, "%s", versions);
    else
        check_fails(checked, "install tcpdump, or capture elsewhere",
                    "no program captures packets here, for explain and gen");
}
