/* SPDX-License-Identifier: MIT */
/* The command `grove`: finds the subcommand and calls it. */
#include "grove.h"

#include <argp.h>
#include <signal.h>
#include <string.h>

#include "grove/table.h"

struct command {
    const char *name;
    const char *words;
    int (*run)(int argc, char **argv);
};

static const struct command commands[] = {
    {"gen", "make golden vectors from captures", cmd_gen},
    {"check", "check an implementation against vectors", cmd_check},
    {"format", "rewrite vector files in canonical form", cmd_format},
    {"diff", "compare the reference with the kernel, at random", cmd_diff},
    {"accumulate", "many answers as one stream, to be hashed", cmd_accumulate},
    {"explain", "show what GRO does with each packet of a capture",
     cmd_explain},
    {"bench", "measure the reference", cmd_bench},
    {"adapter", "the reference behind the adapter protocol", cmd_adapter},
    {"kernel", "the live kernel behind the adapter protocol", cmd_kernel},
    {"profile", "find the profile of the kernel by asking it", cmd_profile},
    {"doctor", "show what of grove works on this machine", cmd_doctor},
    {"tun", "join two TUN devices through the library", cmd_tun},
};

#define COMMANDS (sizeof commands / sizeof commands[0])

static void print_version(FILE *stream, struct argp_state *state)
{
    (void)state;
    fprintf(stream, "grove %s\n", grove_version());
}

static int print_help(void)
{
    puts("Usage: grove COMMAND [OPTION...]\n"
         "The reference GRO: coalesces packets as Linux does, and says why.\n");
    for (size_t i = 0; i < COMMANDS; i++)
        printf("  %-11s %s\n", commands[i].name, commands[i].words);
    puts("\n  grove COMMAND --help   the options of a command\n"
         "  grove --version        print the version\n\n"
         "Exit status: 0 it holds, 1 it does not, 2 wrong usage or input, or "
         "no answer,\n70 no memory, 77 skipped.");
    return GROVE_EXIT_HOLDS;
}

static const struct command *find(const char *name)
{
    for (size_t i = 0; i < COMMANDS; i++) {
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    }
    return NULL;
}

static int run(const struct command *command, int argc, char **argv)
{
    char title[32];
    int status;

    snprintf(title, sizeof title, "grove %s", command->name);
    argv[0] = title;
    status = command->run(argc, argv);
    if (status == GROVE_EXIT_USAGE)
        return status; /* there was a message */
    if (fflush(stdout) != 0 || ferror(stdout)) {
        complain("stdout: cannot be written; is the disk full, or has the "
                 "reader gone?");
        return GROVE_EXIT_USAGE;
    }
    return status;
}

int main(int argc, char **argv)
{
    const struct command *command;

    signal(SIGXFSZ, SIG_IGN); /* a file that is too large is an error */
    argp_program_version_hook = print_version;
    if (argc < 2) {
        complain("no command; `grove --help` lists them");
        return GROVE_EXIT_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-?") == 0)
        return print_help();
    if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0) {
        print_version(stdout, NULL);
        return GROVE_EXIT_HOLDS;
    }
    command = find(argv[1]);
    if (command == NULL) {
        complain("%s: no such command; `grove --help` lists them", argv[1]);
        return GROVE_EXIT_USAGE;
    }
    return run(command, argc - 1, argv + 1);
}
