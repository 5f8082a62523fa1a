/* SPDX-License-Identifier: MIT */
/* What the kernel does, asked in a namespace that check_namespaces() made. */
#include "doctor.h"

#include <string.h>

#include "grove/tun.h"
#include "kernel_option.h"
#include "measure.h"
#include "run.h"
#include "tun_report.h"

/* More packets than a poll may have that anybody can ask. */
#define LONG_POLL 65

static void tell_error(struct checked *checked,
                       const struct grove_tun_error *error)
{
    const bool known = error->cause != GROVE_TUN_CAUSE_UNKNOWN;

    check_fails(checked, grove_tun_remedy_words(error->cause), "%s: %s",
                grove_tun_step_words(error->step),
                known ? grove_tun_cause_words(error->cause)
                      : strerror(error->number));
}

void check_device(struct doctor *doctor, struct checked *checked)
{
    /* A TAP takes more than a TUN: super-packets in tunnels. */
    const struct grove_tun_config config = {.tap = true,
                                            .link = GROVE_TUN_LINK_UP};
    struct grove_tun *tun = NULL;
    struct grove_tun_error error;
    char offloads[64];

    (void)doctor;
    if (!grove_tun_open(&config, &tun, &error)) {
        tell_error(checked, &error);
        return;
    }
    tun_offload_names(grove_tun_offloads(tun), offloads);
    check_works(checked, "can be opened; it takes%s", offloads);
    grove_tun_close(tun);
}

void check_probe(struct doctor *doctor, struct checked *checked)
{
    struct grove_tun_kernel kernel;
    struct grove_tun_error error;
    char offloads[64];

    (void)doctor;
    if (!grove_tun_probe(&kernel, &error)) {
        tell_error(checked, &error);
        return;
    }
    if (kernel.wrong == 0) {
        check_works(checked, "the kernel splits them as it should");
        return;
    }
    tun_offload_names(kernel.wrong, offloads);
    check_fails(checked,
                "update the kernel (vectors/DEFECTS.md); libgrove-tun makes "
                "none of these meanwhile",
                "the kernel gets some of them wrong:%s", offloads);
}

/* A poll of so many packets that GRO passes. */
static struct run question(size_t packets)
{
    static const uint8_t packet[20] = {0x45, 0, 0, 20, 0, 0, 0, 0, 64, 253};
    static struct run_input input[LONG_POLL];

    for (size_t i = 0; i < packets; i++)
        input[i] = (struct run_input){.packet = packet, .len = sizeof packet};
    return (struct run){.op = RUN_GRO,
                        .config = run_config_default(),
                        .input = input,
                        .inputs = packets};
}

/* Whether it can be asked for a poll that only root can ask for. */
static bool takes_long_polls(struct implementation *kernel)
{
    const struct run run = question(LONG_POLL);
    struct answer answer = {0};
    bool takes;

    kernel->ask(kernel->self, &run, &answer);
    takes = answer.kind == ANSWER_OUTPUT;
    answer_free(&answer);
    return takes;
}

static void tell_profile(struct checked *checked, struct implementation *kernel,
                         const char *profile)
{
    char words[KERNEL_WORDS];

    kernel_words(words, kernel->name, profile);
    check_works(checked, "%s; it is asked in polls of up to %d packets", words,
                takes_long_polls(kernel) ? 4096 : LONG_POLL - 1);
}

/* What the measurement says. */
static void judge(struct checked *checked, struct implementation *kernel,
                  const struct measured *measured)
{
    if (measured->failure != NULL)
        check_fails(checked, "try again when the machine is less busy",
                    "%s: %s", kernel->name, measured->failure);
    else if (measured->misfit_count > 0)
        check_fails(checked, "see `grove profile`, and report it",
                    "%s answers %zu vectors as no profile does, the first is "
                    "%s",
                    kernel->name, measured->misfit_count,
                    measured->misfits[0].vector);
    else
        tell_profile(checked, kernel, measured->name);
}

void check_kernel(struct doctor *doctor, struct checked *checked)
{
    struct implementation kernel;
    struct measured measured = {.failure = NULL};
    char why[256];

    if (measure_kernel(&measured, &kernel, why)) {
        snprintf(doctor->kernel, sizeof doctor->kernel, "%s", kernel.name);
        snprintf(doctor->profile, sizeof doctor->profile, "%s", measured.name);
        judge(checked, &kernel, &measured);
        implementation_close(&kernel);
    } else {
        check_fails(checked,
                    doctor->checked[CHECK_RIGHTS].state == CHECK_WORKS
                        ? "ask another kernel, under QEMU, by tools/kernels"
                        : "run it as root",
                    "it cannot be asked: %s", why);
    }
    measured_free(&measured);
}
