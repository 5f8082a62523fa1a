/* SPDX-License-Identifier: MIT */
/*
 * A BPF program that gives each packet which comes in by a device its hash, and
 * sends it out by another device. The hashes are in memory that the program and
 * the process share, in the order in which the packets are written.
 */
#include "kernel_private.h"

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* More than the packets of a poll; a power of two. */
#define HASHES 8192U

struct kernel_hashes {
    uint32_t next;    /* packets that the program has seen */
    uint32_t written; /* packets that the device has taken */
    uint32_t hash[HASHES];
};

static int bpf(int command, union bpf_attr *attribute)
{
    return (int)syscall(SYS_bpf, command, attribute, sizeof *attribute);
}

/* The shared memory, as a map of one value. Returns -1 and sets errno. */
static int make_map(struct kernel_hashes **hashes)
{
    union bpf_attr map = {
        .map_type = BPF_MAP_TYPE_ARRAY,
        .key_size = sizeof(uint32_t),
        .value_size = sizeof **hashes,
        .max_entries = 1,
        .map_flags = BPF_F_MMAPABLE,
    };
    const int fd = bpf(BPF_MAP_CREATE, &map);
    void *memory;

    if (fd < 0)
        return -1;
    memory =
        mmap(NULL, sizeof **hashes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (memory != MAP_FAILED) {
        *hashes = memory;
        return fd;
    }
    close(fd);
    return -1;
}

/* Instructions of a program, and how the registers are used in it. */
#define INSN(op, to, from, at, value)                                          \
    (struct bpf_insn)                                                          \
    {                                                                          \
        .code = (op), .dst_reg = (to), .src_reg = (from), .off = (at),         \
        .imm = (value)                                                         \
    }
#define SET(to, value) INSN(BPF_ALU64 | BPF_MOV | BPF_K, to, 0, 0, value)
#define COPY(to, from) INSN(BPF_ALU64 | BPF_MOV | BPF_X, to, from, 0, 0)
#define ADD(to, value) INSN(BPF_ALU64 | BPF_ADD | BPF_K, to, 0, 0, value)
#define LOAD(to, from, at)                                                     \
    INSN(BPF_LDX | BPF_W | BPF_MEM, to, from, (int16_t)(at), 0)
#define STORE(size, to, at, from)                                              \
    INSN(BPF_STX | (size) | BPF_MEM, to, from, at, 0)
#define CALL(function) INSN(BPF_JMP | BPF_CALL, 0, 0, 0, function)

enum {
    FIRST = BPF_REG_1, /* arguments */
    SECOND = BPF_REG_2,
    THIRD = BPF_REG_3,
    FOURTH = BPF_REG_4,
    FIFTH = BPF_REG_5,
    PACKET = BPF_REG_6,
    HASHES_AT = BPF_REG_7,
    STACK = BPF_REG_10
};

/* Where the Ethernet header is made, and where its type is. */
enum { HEADER_AT = -16, TYPE_AT = HEADER_AT + 2 * ETH_ALEN };

struct program {
    struct bpf_insn insn[64];
    uint32_t count;
};

static void append(struct program *program, const struct bpf_insn *insn,
                   size_t count)
{
    memcpy(&program->insn[program->count], insn, count * sizeof *insn);
    program->count += (uint32_t)count;
}

/* Gives the packet the hash of its turn. */
static void append_hash(struct program *program, int map)
{
    const struct bpf_insn insn[] = {
        COPY(PACKET, FIRST),
        INSN(BPF_LD | BPF_DW | BPF_IMM, HASHES_AT, BPF_PSEUDO_MAP_VALUE, 0,
             map),
        {0},
        LOAD(FIRST, HASHES_AT, offsetof(struct kernel_hashes, next)),
        COPY(SECOND, FIRST),
        ADD(SECOND, 1),
        STORE(BPF_W, HASHES_AT, offsetof(struct kernel_hashes, next), SECOND),
        INSN(BPF_ALU64 | BPF_AND | BPF_K, FIRST, 0, 0, HASHES - 1),
        INSN(BPF_ALU64 | BPF_LSH | BPF_K, FIRST, 0, 0, 2),
        INSN(BPF_ALU64 | BPF_ADD | BPF_X, HASHES_AT, FIRST, 0, 0),
        LOAD(SECOND, HASHES_AT, offsetof(struct kernel_hashes, hash)),
        COPY(FIRST, PACKET),
        CALL(BPF_FUNC_set_hash),
    };

    append(program, insn, COUNT(insn));
}

/* Puts an Ethernet header before a packet that has none. */
static void append_link(struct program *program)
{
    const struct bpf_insn insn[] = {
        COPY(FIRST, PACKET),
        SET(SECOND, ETH_HLEN),
        SET(THIRD, 0),
        CALL(BPF_FUNC_skb_change_head),
        SET(FIRST, 0x02020202),
        STORE(BPF_DW, STACK, HEADER_AT, FIRST),
        STORE(BPF_W, STACK, HEADER_AT + 8, FIRST),
        LOAD(FIRST, PACKET, offsetof(struct __sk_buff, protocol)),
        STORE(BPF_H, STACK, TYPE_AT, FIRST),
        COPY(FIRST, PACKET),
        SET(SECOND, 0),
        COPY(THIRD, STACK),
        ADD(THIRD, HEADER_AT),
        SET(FOURTH, ETH_HLEN),
        SET(FIFTH, 0),
        CALL(BPF_FUNC_skb_store_bytes),
    };

    append(program, insn, COUNT(insn));
}

/* Sends the packet out by device `to`. */
static void append_redirect(struct program *program, int to)
{
    const struct bpf_insn insn[] = {
        SET(FIRST, to),
        SET(SECOND, 0),
        CALL(BPF_FUNC_redirect),
        INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0),
    };

    append(program, insn, COUNT(insn));
}

/* Returns -1 and sets errno. */
static int load(const struct program *program)
{
    union bpf_attr attribute = {
        .prog_type = BPF_PROG_TYPE_SCHED_CLS,
        .insns = (uintptr_t)program->insn,
        .insn_cnt = program->count,
        .license = (uintptr_t) "MIT",
    };

    return bpf(BPF_PROG_LOAD, &attribute);
}

/* The program keeps the map. */
int kernel_hashes_open(struct kernel_hashes **hashes, bool has_link,
                       const char *to)
{
    struct program program = {.count = 0};
    const int map = make_map(hashes);
    int loaded;

    if (map < 0)
        return -1;
    append_hash(&program, map);
    if (!has_link)
        append_link(&program);
    append_redirect(&program, (int)if_nametoindex(to));
    loaded = load(&program);
    close(map);
    return loaded;
}

void kernel_hashes_begin(struct kernel_hashes *hashes)
{
    hashes->next = hashes->written = 0;
}

void kernel_hashes_put(struct kernel_hashes *hashes, uint32_t hash)
{
    hashes->hash[hashes->written % HASHES] = hash;
}

void kernel_hashes_keep(struct kernel_hashes *hashes)
{
    hashes->written++;
}

void kernel_hashes_close(struct kernel_hashes *hashes)
{
    if (hashes != NULL)
        munmap(hashes, sizeof *hashes);
}
