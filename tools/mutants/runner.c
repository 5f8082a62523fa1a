/* SPDX-License-Identifier: MIT */
/*
 * Asks vectors of every mutant of the reference, until one of them fails:
 *
 *     mutants JOBS FILE|FOLDER...
 *
 * writes a line for each mutant: its number, what became of it, and the
 * vector that told. A mutant is asked only those vectors that reach its place
 * in the sources as they are, in a process of its own.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mutant.h"
#include "vector_set.h"

/* What a process that asked a mutant ends with; anything else is a crash. */
enum { SURVIVED = 40, KILLED, ENDLESS };

/* An endless loop has this many times the steps that it should. */
#define STEPS_TIMES 100
#define STEPS_MORE  2000000

/* CPU time of a mutant: a loop may have no step. Most take less than 2. */
#define SECONDS_MOST 60

/* Memory that a mutant may take, with all vectors. */
#define MEMORY_MOST ((rlim_t)8 << 30)

enum { JOBS_MAX = 64, KILLERS_MAX = 64 };

/* A vector under one profile. */
struct question {
    const struct vector *vector;
    const struct vector_expect *expect;
    uint64_t steps; /* of the sources as they are */
    size_t number;  /* of its bit in rows */
};

struct job {
    pid_t process; /* 0: none */
    uint32_t mutant;
};

struct runner {
    struct vector_set set;
    struct implementation reference;
    struct answer answer;
    struct arena arena;
    struct question *questions;
    size_t count;
    /* For each place, by its first mutant: a bit for each question that reaches
     * it. It is shared, so that processes begin without a copy of it. */
    uint8_t *rows;
    size_t killers[KILLERS_MAX]; /* questions, the latest one last */
    size_t killer_count;
    struct job jobs[JOBS_MAX];
    size_t job_count;
    size_t *asked;       /* the question of each job, shared with its process */
    uint64_t play_steps; /* of grove_play() with the sources as they are */
};

uint32_t grove_mutant;
uint64_t grove_steps;
uint64_t grove_most_steps = UINT64_MAX;

void grove_endless(void)
{
    _exit(ENDLESS);
}

static void *shared(size_t size)
{
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    if (memory == MAP_FAILED)
        err(70, "memory");
    return memory;
}

/* The byte that has the bit of a question for the place of a mutant. */
static uint8_t *byte_of(const struct runner *runner, uint32_t mutant,
                        const struct question *question)
{
    return runner->rows + grove_first_of[mutant] * (runner->count / 8 + 1) +
           question->number / 8;
}

static bool reaches(const struct runner *runner,
                    const struct question *question)
{
    return (*byte_of(runner, grove_mutant, question) >> question->number % 8 &
            1) != 0;
}

/* Whether the answer is what the vector expects. */
static bool ask(struct runner *runner, const struct question *question)
{
    struct run run = question->vector->run;
    struct arena arena = {0};
    const char *why;
    bool agrees;

    run.profile = question->expect->profile;
    grove_steps = 0;
    runner->reference.ask(runner->reference.self, &run, &runner->answer);
    agrees =
        answers_agree(&question->expect->answer, &runner->answer, &arena, &why);
    if (!agrees && grove_mutant == 0)
        errx(2, "%s, %s: fails without any mutant: %s", question->vector->id,
             run.profile, why);
    arena_free(&arena);
    return agrees;
}

/* Asks the sources as they are, and notes which places that reaches. */
static void measure(struct runner *runner, struct question *question)
{
    memset(grove_reached, 0,
           (grove_mutant_count + 1) * sizeof grove_reached[0]);
    ask(runner, question);
    question->steps = grove_steps;
    for (uint32_t i = 1; i <= grove_mutant_count; i++)
        if (grove_reached[i])
            *byte_of(runner, i, question) |=
                (uint8_t)(1 << question->number % 8);
}

static void add_questions(struct runner *runner, const struct vector *vector)
{
    for (size_t i = 0; i < vector->expects; i++) {
        if (runner->questions != NULL)
            runner->questions[runner->count] =
                (struct question){.vector = vector,
                                  .expect = &vector->expect[i],
                                  .number = runner->count};
        runner->count++;
    }
}

static void add_all(struct runner *runner)
{
    runner->count = 0;
    for (size_t i = 0; i < runner->set.count; i++) {
        const struct vector_file *file = &runner->set.members[i]->file;

        for (size_t j = 0; j < file->vector_count; j++)
            add_questions(runner, &file->vectors[j]);
    }
}

static int by_steps(const void *a, const void *b)
{
    const uint64_t x = ((const struct question *)a)->steps;
    const uint64_t y = ((const struct question *)b)->steps;

    return (x > y) - (x < y);
}

/* All questions, the cheapest first. */
static void prepare(struct runner *runner, char **paths)
{
    for (; *paths != NULL; paths++) {
        const char *why = vector_set_add(&runner->set, *paths);

        if (why != NULL)
            errx(2, "%s", why);
    }
    reference_open(&runner->reference);
    add_all(runner);
    if (runner->count == 0)
        errx(2, "no vectors there; name a file or a folder");
    runner->questions =
        arena_alloc(&runner->arena, runner->count, sizeof *runner->questions);
    add_all(runner);
    runner->rows =
        shared((grove_mutant_count + (size_t)1) * (runner->count / 8 + 1));
    for (size_t i = 0; i < runner->count; i++)
        measure(runner, &runner->questions[i]);
    if (grove_play != NULL) {
        grove_steps = 0;
        if (grove_play() != NULL)
            errx(2, "scenes fail without any mutant; see test_predict");
        runner->play_steps = grove_steps;
    }
    qsort(runner->questions, runner->count, sizeof *runner->questions,
          by_steps);
}

/* Asks the mutant that is switched on one question, if that reaches it. */
static void try_question(struct runner *runner, size_t number, size_t *asked)
{
    const struct question *question = &runner->questions[number];

    if (!reaches(runner, question))
        return;
    *asked = number;
    grove_most_steps = question->steps * STEPS_TIMES + STEPS_MORE;
    if (!ask(runner, question))
        _exit(KILLED);
}

/* A mutant's messages, as of an assertion, and its core are nobody's. */
static void be_harmless(void)
{
    const struct rlimit core = {0, 0};
    const struct rlimit seconds = {SECONDS_MOST, SECONDS_MOST};
    const struct rlimit memory = {MEMORY_MOST, MEMORY_MOST};
    const int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

    if (null < 0 || dup2(null, STDOUT_FILENO) < 0 ||
        dup2(null, STDERR_FILENO) < 0)
        _exit(SURVIVED);
    setrlimit(RLIMIT_CORE, &core);
    setrlimit(RLIMIT_CPU, &seconds);
    setrlimit(RLIMIT_AS, &memory);
}

/* What killed other mutants comes first: it may well kill this one. */
static _Noreturn void try_mutant(struct runner *runner, uint32_t mutant,
                                 size_t *asked)
{
    be_harmless();
    grove_mutant = mutant;
    *asked = runner->count;
    if (grove_play != NULL) {
        grove_steps = 0;
        grove_most_steps = runner->play_steps * 2;
        if (grove_play() != NULL)
            _exit(KILLED);
    }
    for (size_t i = runner->killer_count; i-- > 0;)
        try_question(runner, runner->killers[i], asked);
    for (size_t i = 0; i < runner->count; i++)
        try_question(runner, i, asked);
    *asked = runner->count;
    _exit(SURVIVED);
}

static void remember(struct runner *runner, size_t killer)
{
    size_t at = 0;

    while (at < runner->killer_count && runner->killers[at] != killer)
        at++;
    if (at == KILLERS_MAX)
        at = 0;
    if (at == runner->killer_count)
        runner->killer_count++;
    for (; at + 1 < runner->killer_count; at++)
        runner->killers[at] = runner->killers[at + 1];
    runner->killers[at] = killer;
}

static const char *fate(int status)
{
    if (!WIFEXITED(status))
        return "crashed";
    switch (WEXITSTATUS(status)) {
    case SURVIVED:
        return "survived";
    case KILLED:
        return "killed";
    case ENDLESS:
        return "endless";
    default:
        return "crashed";
    }
}

static void tell(struct runner *runner, struct job *job, int status)
{
    const size_t asked = runner->asked[job - runner->jobs];

    if (asked < runner->count) {
        const struct question *question = &runner->questions[asked];

        printf("%u %s %s %s\n", job->mutant, fate(status), question->vector->id,
               question->expect->profile);
        remember(runner, asked);
    } else {
        printf("%u %s\n", job->mutant, fate(status));
    }
    job->process = 0;
}

static void wait_for_one(struct runner *runner)
{
    int status;
    pid_t process = wait(&status);

    if (process < 0)
        err(70, "wait");
    for (size_t i = 0; i < runner->job_count; i++)
        if (runner->jobs[i].process == process)
            tell(runner, &runner->jobs[i], status);
}

static struct job *free_job(struct runner *runner)
{
    for (;;) {
        for (size_t i = 0; i < runner->job_count; i++)
            if (runner->jobs[i].process == 0)
                return &runner->jobs[i];
        wait_for_one(runner);
    }
}

static void begin(struct runner *runner, uint32_t mutant)
{
    struct job *job = free_job(runner);
    size_t *asked = &runner->asked[job - runner->jobs];

    fflush(stdout);
    *asked = runner->count;
    job->mutant = mutant;
    job->process = fork();
    if (job->process < 0)
        err(70, "fork");
    if (job->process == 0)
        try_mutant(runner, mutant, asked);
}

static bool is_busy(const struct runner *runner)
{
    for (size_t i = 0; i < runner->job_count; i++)
        if (runner->jobs[i].process != 0)
            return true;
    return false;
}

static void share(struct runner *runner, const char *jobs)
{
    runner->job_count = strtoul(jobs, NULL, 10);
    if (runner->job_count == 0 || runner->job_count > JOBS_MAX)
        errx(2, "%s jobs: give 1 to %d", jobs, JOBS_MAX);
    runner->asked = shared(JOBS_MAX * sizeof *runner->asked);
}

int main(int argc, char **argv)
{
    static struct runner runner;

    if (argc < 3)
        errx(2, "usage: mutants JOBS FILE|FOLDER...");
    share(&runner, argv[1]);
    prepare(&runner, argv + 2);
    fprintf(stderr, "%zu questions\n", runner.count);
    for (uint32_t mutant = 1; mutant <= grove_mutant_count; mutant++)
        begin(&runner, mutant);
    while (is_busy(&runner))
        wait_for_one(&runner);
    return 0;
}
