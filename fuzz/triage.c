/* SPDX-License-Identifier: MIT */
/*
 * fuzz-triage FILE TARGET COMMAND: reduces the finding in FILE to the fewest
 * packets that make COMMAND fail, which is a build of TARGET. Prints the rules
 * that decide about them, and a vector to paste. The engine that found it is
 * not needed.
 */
#include <err.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "input.h"
#include "measure.h"
#include "run.h"
#include "shrink.h"
#include "vector.h"

enum { EXIT_HOLDS = 0, EXIT_FOUND = 1, EXIT_USAGE = 2 };

struct triage {
    const char *target;
    const char *command;
    char path[PATH_MAX]; /* the input that is tried */
    struct arena arena;  /* memory of a trial */
};

/* Writes the run to `path`; false if no input can give it. */
static bool write_input(struct triage *triage, const struct run *run)
{
    static struct script script;
    uint8_t *bytes;
    FILE *stream;
    size_t size;

    arena_reset(&triage->arena);
    if (!script_of(&script, run, &triage->arena))
        return false;
    size = script_size(&script);
    bytes = arena_alloc(&triage->arena, size, 1);
    script_write(&script, bytes);
    stream = fopen(triage->path, "we");
    if (stream == NULL || fwrite(bytes, 1, size, stream) != size ||
        fclose(stream) != 0)
        err(EXIT_USAGE, "%s: free some space", triage->path);
    return true;
}

/* Runs the target on the file; true if it fails. */
static bool fails(const struct triage *triage, bool quietly)
{
    const pid_t child = fork();
    int status;

    if (child < 0)
        err(EXIT_USAGE, "fork");
    if (child == 0) {
        if (quietly) {
            const int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

            dup2(null, STDOUT_FILENO);
            dup2(null, STDERR_FILENO);
        }
        execl(triage->command, triage->command, triage->path, (char *)NULL);
        _exit(0);
    }
    if (waitpid(child, &status, 0) < 0)
        err(EXIT_USAGE, "waitpid");
    return !WIFEXITED(status) || WEXITSTATUS(status) != 0;
}

static bool still_fails(void *context, const struct run *run)
{
    struct triage *triage = context;

    return run->inputs != 0 && write_input(triage, run) && fails(triage, true);
}

static uint8_t *read_file(const char *path, size_t *size)
{
    FILE *stream = fopen(path, "re");
    uint8_t *bytes = NULL;

    if (stream == NULL)
        err(EXIT_USAGE, "%s: name a finding", path);
    *size = 0;
    do {
        bytes = realloc(bytes, *size + 65536);
        if (bytes == NULL)
            err(70, "memory");
        *size += fread(bytes + *size, 1, 65536, stream);
    } while (!feof(stream) && !ferror(stream));
    if (ferror(stream))
        err(EXIT_USAGE, "%s: name a finding", path);
    fclose(stream);
    return bytes;
}

/* Sets what the target does not take from its input. */
static void fit_to_target(struct run *run, const char *target)
{
    if (strcmp(target, "roundtrip") == 0 || strcmp(target, "safe") == 0)
        run->config.lossless = true;
}

static void print_rule(const char *id)
{
    if (id != NULL)
        printf(", %s: %s", id, grove_rule_words(grove_rule_find(id)));
    putchar('\n');
}

static void explain(const struct answer *answer)
{
    if (answer->rule != NULL) {
        fputs("decided", stdout);
        print_rule(answer->rule);
    }
    for (size_t i = 0; i < answer->fates; i++) {
        printf("packet %zu: %s", i,
               grove_verdict_words(answer->fate[i].verdict));
        print_rule(answer->fate[i].rule);
    }
}

/* Gets the right answer; the kernel's, in its profile, if the target asks it.
 */
static bool ask_right(const char *target, struct run *run,
                      struct answer *answer, char name[64])
{
    static struct measured measured;
    struct implementation right;
    char why[256];

    if (strncmp(target, "diff_g", 6) != 0) {
        reference_open(&right);
        snprintf(name, 64, "model");
    } else if (measure_kernel(&measured, &right, why) &&
               measured.failure == NULL) {
        snprintf(name, 64, "%s", right.name);
        run->profile = measured.name;
    } else {
        warnx("%s", measured.failure != NULL ? measured.failure : why);
        return false;
    }
    right.ask(right.self, run, answer);
    implementation_close(&right);
    return answer->kind == ANSWER_OUTPUT || answer->kind == ANSWER_REJECTED;
}

static void print_vector(const char *target, const struct run *run,
                         const struct answer *right, const char *name)
{
    const struct vector_expect expect = {
        run->profile, right != NULL ? *right : (struct answer){0}};
    char id[64];
    const char *id_at = id;
    struct vector vector = {
        .id = id,
        .title = "found by fuzzing",
        .rules = {&id_at, 0},
        .run = *run,
        .expect = &expect,
        .expects = right != NULL,
        .confirmed = {&name, right != NULL},
    };

    snprintf(id, sizeof id, "fuzz-%s", target);
    puts("as a vector:");
    vector_print(stdout, &vector);
}

/* Runs in a child process, since the reference itself may fail. */
static void tell(const char *target, const struct run *run)
{
    struct run asked = *run; /* in the kernel's profile, if that is asked */
    struct implementation reference;
    struct answer answer = {0};
    struct answer right = {0};
    char name[64];
    bool is_right;
    int status;

    fflush(stdout);
    if (fork() == 0) {
        is_right = ask_right(target, &asked, &right, name);
        reference_open(&reference);
        reference.ask(reference.self, &asked, &answer);
        explain(&answer);
        if (is_right)
            print_vector(target, &asked, &right, name);
        else
            print_vector(target, &asked, NULL, NULL);
        fflush(stdout);
        _exit(EXIT_HOLDS);
    }
    if (wait(&status) > 0 && (!WIFEXITED(status) || WEXITSTATUS(status) != 0)) {
        puts("the reference itself fails on it, so nothing is expected");
        print_vector(target, run, NULL, NULL);
    }
}

static void decode(struct input *input, const char *path, const char *target)
{
    size_t size;
    uint8_t *bytes = read_file(path, &size);
    const size_t len = strlen(target);

    input_make(input);
    if (len >= 3 && strcmp(target + len - 3, "gso") == 0)
        input_decode_gso(input, bytes, size);
    else
        input_decode(input, bytes, size);
    free(bytes);
    fit_to_target(&input->run, target);
}

/* True if the input was a finding. */
static bool triage_finding(struct triage *triage, const struct run *found,
                           struct arena *arena)
{
    struct run run = *found;

    if (!still_fails(triage, &run))
        return false;
    shrink_run(&run, still_fails, triage, arena);
    write_input(triage, &run);
    printf("%s: %zu packets show it, of %zu\n", triage->path, run_packets(&run),
           run_packets(found));
    fflush(stdout);
    fails(triage, false);
    tell(triage->target, &run);
    return true;
}

int main(int argc, char **argv)
{
    static struct input input;
    struct arena arena = {0};
    struct triage triage = {0};
    bool found;

    if (argc != 4)
        errx(EXIT_USAGE, "usage: fuzz-triage FILE TARGET COMMAND");
    triage.target = argv[2];
    triage.command = argv[3];
    snprintf(triage.path, sizeof triage.path, "%s.small", argv[1]);
    decode(&input, argv[1], triage.target);
    found = triage_finding(&triage, &input.run, &arena);
    if (!found) {
        unlink(triage.path);
        printf("%s: %s holds on it\n", argv[1], triage.target);
    }
    input_free(&input);
    arena_free(&arena);
    arena_free(&triage.arena);
    return found ? EXIT_FOUND : EXIT_HOLDS;
}
