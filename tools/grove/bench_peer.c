/* SPDX-License-Identifier: MIT */
/* Starting and asking grove-bench-dpdk. */
#include "bench_peer.h"

#include <jansson.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROGRAM "grove-bench-dpdk"

bool peer_program(const char *name, char path[PATH_MAX])
{
    const ssize_t len = readlink("/proc/self/exe", path, PATH_MAX - 1);
    const size_t size = strlen(name) + 1;
    char *last;

    if (len < 0)
        return false;
    path[len] = '\0';
    last = strrchr(path, '/') + 1;
    if ((size_t)(path + PATH_MAX - last) < size)
        return false;
    memcpy(last, name, size);
    return access(path, X_OK) == 0;
}

/* Runs `path` with `end` as its stdin and stdout. */
static bool spawn(const char *path, int end, pid_t *pid)
{
    char name[] = PROGRAM;
    char *arguments[] = {name, NULL};
    posix_spawn_file_actions_t actions;
    bool started;

    if (posix_spawn_file_actions_init(&actions) != 0)
        return false;
    started = posix_spawn_file_actions_adddup2(&actions, end, 0) == 0 &&
              posix_spawn_file_actions_adddup2(&actions, end, 1) == 0 &&
              posix_spawn(pid, path, &actions, NULL, arguments, environ) == 0;
    posix_spawn_file_actions_destroy(&actions);
    return started;
}

void peer_start(struct peer *peer)
{
    char path[PATH_MAX];
    int ends[2];

    *peer = (struct peer){.why = "not built: needs libdpdk-dev"};
    if (!peer_program(PROGRAM, path))
        return;
    peer->why = "does not start";
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return;
    if (spawn(path, ends[1], &peer->pid))
        peer->stream = fdopen(ends[0], "r");
    if (peer->stream != NULL)
        peer->why = NULL;
    else
        close(ends[0]);
    close(ends[1]);
}

/* Sends the request. If the peer has ended, this process must not end, too. */
static bool ask(const struct peer *peer, const struct traffic *traffic,
                unsigned batches)
{
    char line[64];
    const int len =
        snprintf(line, sizeof line, "%s %u %u\n", traffic_name(traffic->kind),
                 traffic->flows, batches);

    return send(fileno(peer->stream), line, (size_t)len, MSG_NOSIGNAL) == len;
}

static bool read_answer(const struct peer *peer, double *ns, unsigned *outputs)
{
    json_t *answer = json_loadf(peer->stream, JSON_DISABLE_EOF_CHECK, NULL);
    int count;
    const bool understood =
        answer != NULL && json_unpack(answer, "{s:F, s:i}", "ns_per_packet", ns,
                                      "outputs", &count) == 0;

    if (understood)
        *outputs = (unsigned)count;
    json_decref(answer);
    return understood;
}

bool peer_measure(struct peer *peer, const struct traffic *traffic,
                  unsigned batches, double *ns, unsigned *outputs)
{
    if (peer->why != NULL)
        return false;
    if (ask(peer, traffic, batches) && read_answer(peer, ns, outputs))
        return true;
    peer->why = "gives no answer; run it by itself to see why";
    return false;
}

void peer_stop(struct peer *peer)
{
    if (peer->stream != NULL)
        fclose(peer->stream);
    if (peer->pid > 0)
        waitpid(peer->pid, NULL, 0);
    *peer = (struct peer){0};
}
