/* SPDX-License-Identifier: MIT */
/*
 * A small encrypted tunnel between two hosts, over one UDP socket.
 *
 *     (umask 077 && openssl rand -hex 32 >key)    # the same file on both hosts
 *     vpn DEVICE key HOST PORT PEER PORT          # on each, HOST being itself
 *     ip address add 10.0.0.1/24 dev DEVICE
 *
 * With --no-offload packets pass the device and the socket one by one. Exit
 * status: 1 if the device fails, 2 if the program cannot begin.
 *
 * A datagram is a nonce, which counts the datagrams, a packet encrypted by
 * AES-256-GCM, and its tag. Each process has a new X25519 key, and tells it by
 * hellos with a MAC. The keys of a session, one in each direction, come from
 * both of these and from the file. So no nonce is used twice with a key,
 * whoever restarts, and the file alone opens nothing that was recorded. A hello
 * begins a session if it repeats our key, since then it is new, and if its
 * process began later than the last one.
 *
 * Left out: more than one peer, new keys while it runs, processors without AES,
 * path MTU discovery, and ECN of the outer packets.
 */
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/udp.h>
#include <poll.h>
#include <sodium.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include <grove/tun.h>

enum { NONCE = 12, TAG = 16, KEY = 32, MTU = 1500 - 40 - 8 - NONCE - TAG };
enum { ROOM = 2048, LONGEST = 65535 };           /* of a packet, of a train */
enum { BATCH = GROVE_DEFAULT_BATCH, READS = 4 }; /* packets, trains at a time */
enum { MOST_SEGMENTS = 64, MOST_BYTES = 65000 }; /* of a train that is sent */
enum { WORDS = 64, BITS = 64 };                  /* of the replay window */

struct hello {
    uint8_t ones[NONCE]; /* no datagram with a packet has this nonce */
    uint64_t began;      /* when the process began; little-endian */
    uint8_t asks;        /* 1: there is no session yet */
    uint8_t own[KEY];    /* its public key */
    uint8_t echo[KEY];   /* the peer's, if it is known */
    uint8_t mac[KEY];    /* of all before, by the key of the file */
} __attribute__((packed));

static uint8_t file_key[KEY];
static uint8_t secret[KEY]; /* of our public key */
static struct hello ours;   /* the last one that was sent */
static struct hello theirs; /* the one that the session comes from */
static crypto_aead_aes256gcm_state send_key;
static crypto_aead_aes256gcm_state receive_key;
static uint64_t sent;        /* the next counter; it is never set back */
static uint64_t top;         /* the newest word of the window */
static uint64_t seen[WORDS]; /* a bit for each counter that came */

static bool offload;
static int to_peer; /* a connected socket */
static struct grove_tun_queue *queue;
static struct grove_table *table;
static struct grove_tun_buffer buffers[BATCH];
static struct grove_packet packets[BATCH]; /* for the device */
static size_t waiting;                     /* their number */
static uint8_t from_device[BATCH][ROOM];
static uint8_t from_peer[READS][LONGEST];

static _Noreturn void fail(int status, const char *what, const char *why)
{
    fprintf(stderr, "vpn: %s: %s\n", what, why);
    exit(status);
}

/* ---- The socket ---- */

/*
 * Sends datagrams of one length; the last one may be shorter. This waits while
 * the socket is full. False: none was sent.
 */
static bool send_train(struct iovec *iov, size_t count)
{
    static int segment; /* what the socket knows; 0: it cuts nothing */
    const int size = count > 1 ? (int)iov[0].iov_len : 0;
    const struct msghdr message = {.msg_iov = iov, .msg_iovlen = count};

    if (size != segment &&
        setsockopt(to_peer, IPPROTO_UDP, UDP_SEGMENT, &size, sizeof size) == 0)
        segment = size;
    return size == segment && sendmsg(to_peer, &message, 0) >= 0;
}

/* Sends datagrams in as few trains as possible. Some may be lost. */
static void send_all(struct iovec *iov, size_t count)
{
    const size_t most = offload ? MOST_SEGMENTS : 1;
    size_t first = 0;

    for (size_t i = 1; i <= count; i++) {
        const size_t size = iov[first].iov_len;

        if (i < count && i - first < most && iov[i].iov_len <= size &&
            iov[i - 1].iov_len == size && (i - first + 1) * size <= MOST_BYTES)
            continue;
        /* The device may compute no checksums, or have a smaller MTU. */
        if (!send_train(&iov[first], i - first))
            for (size_t one = first; one < i; one++)
                send_train(&iov[one], 1);
        first = i;
    }
}

/* ---- Sessions ---- */

static void authenticate(const struct hello *hello, uint8_t mac[KEY])
{
    crypto_generichash(mac, KEY, (const uint8_t *)hello,
                       offsetof(struct hello, mac), file_key, KEY);
}

static void send_hello(void)
{
    struct iovec iov = {&ours, sizeof ours};

    authenticate(&ours, ours.mac);
    send_train(&iov, 1);
}

/* Makes the key of one direction. */
static void make_key(crypto_aead_aes256gcm_state *key, const uint8_t dh[KEY],
                     const struct hello *from, const struct hello *to)
{
    crypto_generichash_state state;
    uint8_t bytes[KEY];

    crypto_generichash_init(&state, file_key, KEY, KEY);
    crypto_generichash_update(&state, dh, KEY);
    crypto_generichash_update(&state, from->own, KEY);
    crypto_generichash_update(&state, to->own, KEY);
    crypto_generichash_final(&state, bytes, KEY);
    crypto_aead_aes256gcm_beforenm(key, bytes);
    sodium_memzero(bytes, KEY);
}

static void take_hello(const struct hello *hello)
{
    const bool begins = le64toh(hello->began) > le64toh(theirs.began) &&
                        memcmp(hello->echo, ours.own, KEY) == 0;
    uint8_t mac[KEY];
    uint8_t dh[KEY];

    authenticate(hello, mac);
    if (sodium_memcmp(mac, hello->mac, KEY) != 0 ||
        memcmp(hello->own, ours.own, KEY) == 0)
        return;
    memcpy(ours.echo, hello->own, KEY);
    if (begins && crypto_scalarmult(dh, secret, hello->own) == 0) {
        make_key(&send_key, dh, &ours, hello);
        make_key(&receive_key, dh, hello, &ours);
        sodium_memzero(dh, KEY);
        theirs = *hello;
        top = 0;
        memset(seen, 0, sizeof seen);
        ours.asks = 0;
    }
    if (begins || hello->asks != 0)
        send_hello();
}

/* Encrypts a packet, between room for a nonce and for a tag. */
static void seal(uint8_t *nonce, size_t len)
{
    uint8_t *packet = nonce + NONCE;
    const uint64_t counter = htole64(sent++);

    memset(nonce, 0, NONCE);
    memcpy(nonce, &counter, sizeof counter);
    crypto_aead_aes256gcm_encrypt_detached_afternm(packet, packet + len, NULL,
                                                   packet, len, NULL, 0, NULL,
                                                   nonce, &send_key);
}

/* Whether this number comes for the first time, as far as is known. */
static bool is_first(uint64_t counter)
{
    const uint64_t word = counter / BITS;
    const uint64_t bit = UINT64_C(1) << counter % BITS;

    if (word + WORDS <= top)
        return false;
    if (word > top + WORDS)
        top = word - WORDS;
    while (top < word)
        seen[++top % WORDS] = 0;
    if ((seen[word % WORDS] & bit) != 0)
        return false;
    seen[word % WORDS] |= bit;
    return true;
}

/* Decrypts a packet of `len` bytes. False: throw it away. */
static bool unseal(const uint8_t *nonce, uint8_t *packet, size_t len)
{
    uint64_t counter = 0;

    memcpy(&counter, nonce, sizeof counter);
    return ours.asks == 0 &&
           crypto_aead_aes256gcm_decrypt_detached_afternm(
               packet, NULL, packet, len, packet + len, NULL, 0, nonce,
               &receive_key) == 0 &&
           is_first(le64toh(counter));
}

/* ---- Packets ---- */

static void check(enum grove_tun_result result)
{
    if (result == GROVE_TUN_GONE || result == GROVE_TUN_SYSTEM)
        fail(1, "the device", grove_tun_result_words(result));
}

/* Writes what waits to the device. What it does not take now is lost. */
static void deliver(void)
{
    check(grove_tun_send(queue, table, packets, waiting));
    grove_tun_discard(queue);
    waiting = 0;
}

static void take(uint8_t *datagram, size_t len)
{
    uint8_t *packet = datagram + NONCE;

    if (len == sizeof ours && memcmp(datagram, ours.ones, NONCE) == 0)
        take_hello((const struct hello *)datagram);
    else if (len > NONCE + TAG && unseal(datagram, packet, len - NONCE - TAG)) {
        packets[waiting].data = packet;
        packets[waiting++].len = len - NONCE - TAG;
    }
    if (waiting == BATCH)
        deliver();
}

static void receive_from_peer(void)
{
    _Alignas(struct cmsghdr) uint8_t control[CMSG_SPACE(sizeof(int))];
    ssize_t len = 0;

    for (size_t i = 0; i < READS && len >= 0; i++) {
        struct iovec iov = {from_peer[i], LONGEST};
        struct msghdr message = {NULL, 0, &iov, 1, control, sizeof control, 0};
        const struct cmsghdr *header = NULL;
        int size = 0; /* of each datagram but the last one */

        len = recvmsg(to_peer, &message, MSG_DONTWAIT);
        header = len < 0 ? NULL : CMSG_FIRSTHDR(&message);
        if (header != NULL && header->cmsg_type == UDP_GRO)
            memcpy(&size, CMSG_DATA(header), sizeof size);
        for (ssize_t at = 0; at < len; at += size) {
            if (size == 0 || size > len - at)
                size = (int)(len - at);
            take(from_peer[i] + at, (size_t)size);
        }
    }
    deliver();
}

static void receive_from_device(void)
{
    struct iovec iov[BATCH];
    enum grove_tun_result result = GROVE_TUN_OK;
    size_t count = 0;

    for (size_t got; result == GROVE_TUN_OK && count < BATCH; count += got)
        result =
            grove_tun_recv(queue, buffers + count, BATCH - count, NONCE, &got);
    check(result);
    for (size_t i = 0; i < count; i++) {
        seal(buffers[i].data, buffers[i].len);
        iov[i] = (struct iovec){buffers[i].data, NONCE + buffers[i].len + TAG};
    }
    send_all(iov, count);
}

static void read_key(const char *path)
{
    char text[2 * KEY + 3] = "";
    struct stat status;
    size_t len = 0;
    const int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0 || fstat(fd, &status) != 0 || read(fd, text, 2 * KEY + 2) < 0)
        fail(2, path, strerror(errno));
    if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0)
        fail(2, path, "others may read it; chmod 600");
    if (sodium_hex2bin(file_key, KEY, text, strlen(text), "\n", &len, NULL) ||
        len != KEY)
        fail(2, path, "not 64 hex digits, as openssl rand -hex 32 makes them");
    sodium_memzero(text, sizeof text);
    close(fd);
}

static struct addrinfo *find(const char *address, const char *port)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_DGRAM};
    struct addrinfo *found = NULL;
    const int error = getaddrinfo(address, port, &hints, &found);

    if (error != 0)
        fail(2, address, gai_strerror(error));
    return found;
}

static void open_socket(struct addrinfo *own, struct addrinfo *peer)
{
    const int size = 8 << 20;
    const int on = offload;

    to_peer = socket(own->ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (to_peer < 0 || bind(to_peer, own->ai_addr, own->ai_addrlen) != 0 ||
        connect(to_peer, peer->ai_addr, peer->ai_addrlen) != 0)
        fail(2, "the addresses and ports", strerror(errno));
    setsockopt(to_peer, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
    if (setsockopt(to_peer, IPPROTO_UDP, UDP_GRO, &on, sizeof on) != 0 && on)
        fail(2, "UDP_GRO", "it needs Linux 5.0; give --no-offload");
    freeaddrinfo(own);
    freeaddrinfo(peer);
}

static void open_device(const char *name)
{
    struct grove_tun_kernel kernel;
    struct grove_tun_error error;
    const struct grove_tun_config config = {
        .name = name,
        .kernel = grove_tun_probe(&kernel, &error) ? &kernel : NULL,
        .mtu = MTU,
        .link = GROVE_TUN_LINK_UP,
        .no_offload = !offload,
        .non_blocking = true};
    char profile[GROVE_PROFILE_NAME_SIZE];
    const struct grove_config table_config = {.profile = profile};
    struct grove_tun *tun = NULL;

    if (!grove_tun_open(&config, &tun, &error))
        fail(2, name, grove_tun_cause_words(error.cause));
    grove_tun_profile(config.kernel, profile);
    if (grove_table_new(&table_config, &table) != GROVE_OK)
        fail(2, name, "out of memory");
    queue = grove_tun_queue(tun, 0);
    for (size_t i = 0; i < BATCH; i++) {
        buffers[i].data = from_device[i];
        buffers[i].size = ROOM - TAG;
    }
}

int main(int argc, char **argv)
{
    struct timespec time;

    offload = argc < 2 || strcmp(argv[1], "--no-offload") != 0;
    argv += offload ? 0 : 1;
    if (argc != (offload ? 7 : 8))
        fail(2, "usage", "vpn [--no-offload] DEVICE KEY HOST PORT PEER PORT");
    if (sodium_init() < 0 || crypto_aead_aes256gcm_is_available() == 0)
        fail(2, "AES-256-GCM", "this processor or libsodium has none");
    read_key(argv[2]);
    open_socket(find(argv[3], argv[4]), find(argv[5], argv[6]));
    open_device(argv[1]);
    clock_gettime(CLOCK_REALTIME, &time);
    ours.began =
        htole64((uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec);
    memset(ours.ones, 0xFF, NONCE);
    ours.asks = 1;
    crypto_box_keypair(ours.own, secret);
    send_hello();
    for (;;) {
        /* Until there is a session, packets wait in the device. */
        const int device = ours.asks != 0 ? -1 : grove_tun_fd(queue);
        struct pollfd wait[] = {{device, POLLIN, 0}, {to_peer, POLLIN, 0}};

        if (poll(wait, 2, ours.asks != 0 ? 1000 : -1) == 0)
            send_hello();
        if (wait[0].revents != 0)
            receive_from_device();
        if (wait[1].revents != 0)
            receive_from_peer();
    }
}
