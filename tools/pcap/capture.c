/* SPDX-License-Identifier: MIT */
#include "capture.h"

#include <ctype.h>
#include <err.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "grove/table.h"
#include "layout.h"
#include "mix.h"

/* A packet that is longer than all that GRO takes need not be longer still. */
#define FILLED_MAX (GROVE_MAX_PACKET_LEN + 1)

__attribute__((format(printf, 2, 3))) static bool fail(char why[CAPTURE_WHY],
                                                       const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(why, CAPTURE_WHY, format, args);
    va_end(args);
    return false;
}

/* ---- opening --------------------------------------------------------- */

/* The program that unpacks a file which begins like this; NULL: none. */
static const char *unpacker(const struct source *source)
{
    const struct bytes head = {source->head, (uint32_t)source->head_len};

    if (!bytes_have(head, 0, 4))
        return NULL;
    switch (bytes_be32(head, 0)) {
    case 0x28b52ffd:
        return "zstdcat";
    case 0xfd377a58:
        return "xzcat";
    case 0x04224d18:
        return "lz4cat";
    default:
        return bytes_be16(head, 0) == 0x1f8b ? "zcat" : NULL;
    }
}

static bool open_source(struct capture_file *file, char why[CAPTURE_WHY])
{
    struct source *source = &file->source;
    const char *unpack;

    if (!source_open(source, file->path, file->options.stop))
        return fail(why, "%s: %s; check the name", file->path, strerror(errno));
    unpack = unpacker(source);
    if (source->head_len == 0)
        fail(why, "%s: byte 0: the file is empty; capture again", file->path);
    else if (unpack != NULL)
        fail(why,
             "%s: byte 0: it is packed; read it by `%s FILE | grove ... -`",
             file->path, unpack);
    else
        return true;
    source_close(source);
    return false;
}

static bool open_reader(struct capture_file *file, char why[CAPTURE_WHY])
{
    char reason[FRAME_REASON];

    if (pcapng_begins(&file->source)) {
        pcapng_reader_open(&file->pcapng, &file->source);
        return true;
    }
    if (pcap_reader_open(&file->pcap, &file->source, reason))
        return true;
    source_close(&file->source);
    return fail(why,
                "%s: byte 0: no pcap or pcapng file (%s); convert it with "
                "editcap",
                file->path, reason);
}

static const char *link_name(int link)
{
    const char *name = pcap_datalink_val_to_name(link);

    return name != NULL ? name : "of no name";
}

bool capture_file_open(struct capture_file *file, const char *path,
                       const struct capture_options *options,
                       char why[CAPTURE_WHY])
{
    *file = (struct capture_file){.path = path, .options = *options};
    if (!open_source(file, why) || !open_reader(file, why))
        return false;
    file->link_type = -1;
    if (file->pcap.pcap == NULL || link_find(file->pcap.link) != NULL)
        return true;
    fail(why,
         "%s: byte 0: link type %d (%s) carries no IP that can be read here; "
         "capture on an Ethernet, TUN or loopback device, or on \"any\"",
         path, file->pcap.link, link_name(file->pcap.link));
    capture_file_close(file);
    return false;
}

void capture_file_close(struct capture_file *file)
{
    if (file->pcap.pcap != NULL)
        pcap_reader_close(&file->pcap);
    if (file->pcapng.stream != NULL)
        pcapng_reader_close(&file->pcapng);
    source_close(&file->source);
    free(file->filled);
    file->pcap.pcap = NULL;
    file->filled = NULL;
}

/* ---- interfaces ------------------------------------------------------ */

static void name_interface(struct capture_interface *interface,
                           const struct frame *frame,
                           const struct link_packet *at, bool several)
{
    char *name = interface->name;
    const size_t room = sizeof interface->name;

    if (at->name.len != 0)
        snprintf(name, room, "%.*s", (int)at->name.len,
                 (const char *)at->name.at);
    else if (at->interface != 0)
        snprintf(name, room, "interface %u", at->interface);
    else if (*frame->name != '\0')
        snprintf(name, room, "%s", frame->name);
    else if (several)
        snprintf(name, room, "interface %u", frame->interface);
    for (; *name != '\0'; name++)
        if (!isprint((unsigned char)*name))
            *name = '?';
}

static bool is_interface(const struct capture_interface *interface,
                         uint32_t of_file, uint64_t of_link)
{
    return interface->of_file == of_file && interface->of_link == of_link;
}

/* The number of the interface of this frame, which may be a new one. */
static uint32_t find_interface(struct capture_file *file,
                               const struct frame *frame,
                               const struct link_packet *at)
{
    const uint64_t of_link =
        mix_bytes(at->interface, at->name, 0, at->name.len);
    struct capture_interface *interface =
        &file->interfaces[file->last_interface];
    uint32_t number = 0;

    if (file->interface_count > 0 &&
        is_interface(interface, frame->interface, of_link))
        return file->last_interface;
    while (number < file->interface_count &&
           !is_interface(&file->interfaces[number], frame->interface, of_link))
        number++;
    if (number == CAPTURE_INTERFACES)
        number--;
    if (number == file->interface_count) {
        interface = &file->interfaces[file->interface_count++];
        interface->of_file = frame->interface;
        interface->of_link = of_link;
        name_interface(interface, frame, at, file->pcapng.stream != NULL);
    }
    file->last_interface = number;
    return number;
}

const char *capture_interface_name(const struct capture_file *file,
                                   uint32_t interface)
{
    return file->interface_count > 1 ? file->interfaces[interface].name : "";
}

/* ---- packets --------------------------------------------------------- */

/* Whether all headers up to the L4 payload are there. */
static bool has_headers(struct bytes ip)
{
    const struct layout at = layout_of(ip.at, ip.len);

    if (at.version == 0 || at.cut || (at.body != 0 && at.l4 == 0))
        return false;
    if (at.l4 == 0 || at.protocol != 6)
        return true;
    return bytes_have(ip, (uint32_t)at.l4,
                      (uint32_t)(bytes_u8(ip, (uint32_t)at.l4 + 12) >> 4) * 4);
}

/* Puts zeros where the packet of `len` bytes was not captured. */
static void fill(struct capture_file *file, struct bytes *ip, uint32_t len)
{
    if (file->filled == NULL)
        file->filled = malloc(FILLED_MAX);
    if (file->filled == NULL)
        err(70, "memory");
    if (len > FILLED_MAX)
        len = FILLED_MAX;
    if (ip->len > len)
        ip->len = len;
    memcpy(file->filled, ip->at, ip->len);
    memset(file->filled + ip->len, 0, len - ip->len);
    *ip = (struct bytes){file->filled, len};
    file->counts.filled++;
}

/* Takes the FCS off that the file tells of. */
static void strip(struct frame *frame)
{
    if (frame->wire_len < frame->data.len)
        frame->wire_len = frame->data.len;
    frame->wire_len -=
        frame->fcs_len < frame->wire_len ? frame->fcs_len : frame->wire_len;
    if (frame->data.len > frame->wire_len)
        frame->data.len = frame->wire_len;
}

static uint32_t lesser(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/*
 * The captured bytes of the packet. False if they are not all of it, and not
 * even the headers if these are wanted.
 */
static bool take_bytes(struct capture_file *file, const struct frame *frame,
                       const struct link_packet *at, struct bytes *ip)
{
    const uint32_t wire_end =
        lesser(at->end, frame->wire_len - lesser(at->trailer, frame->wire_len));
    const uint32_t end = lesser(wire_end, frame->data.len);

    if (end <= at->at)
        return false;
    *ip = bytes_slice(frame->data, at->at, end - at->at);
    if (end == wire_end || ip->at == NULL)
        return ip->at != NULL;
    if (!file->options.headers || !has_headers(*ip))
        return false;
    fill(file, ip, wire_end - at->at);
    return true;
}

/* Finds the row of the frame's link type. */
static bool is_linked(struct capture_file *file, const struct frame *frame)
{
    if (frame->link != file->link_type) {
        file->link_type = frame->link;
        file->link = link_find(frame->link);
    }
    return file->link != NULL;
}

/* Notes whether it ends with an FCS, as all before it do. */
static void look_for_fcs(struct capture_file *file, const struct frame *frame)
{
    struct frame_counts *counts = &file->counts;

    if (counts->fcs + 1 == counts->frames && frame->fcs_len == 0 &&
        frame->data.len == frame->wire_len &&
        link_ends_with_fcs(file->link, frame->data))
        counts->fcs++;
}

/* Finds the packet that the caller wants, or why there is none. */
static enum left_out take(struct capture_file *file, struct frame *frame,
                          struct link_packet *at, struct bytes *ip)
{
    *at = (struct link_packet){0};
    strip(frame);
    if (!is_linked(file, frame))
        return LEFT_OUT_UNLINKED;
    look_for_fcs(file, frame);
    if (link_read(file->link, frame->data, at) &&
        take_bytes(file, frame, at, ip))
        return LEFT_OUT_NOT;
    return frame->data.len < frame->wire_len ? LEFT_OUT_CUT : LEFT_OUT_NOT_IP;
}

static void count(struct frame_counts *counts, enum left_out why,
                  struct bytes ip)
{
    switch (why) {
    case LEFT_OUT_NOT:
        counts->packets++;
        counts->jumbo += ip.len > CAPTURE_JUMBO;
        break;
    case LEFT_OUT_CUT:
        counts->cut++;
        break;
    case LEFT_OUT_NOT_IP:
        counts->not_ip++;
        break;
    case LEFT_OUT_UNLINKED:
        counts->unlinked++;
        break;
    }
}

static void tell_left_out(struct capture_file *file, const struct frame *frame,
                          const struct link_packet *at, enum left_out why)
{
    if (why == LEFT_OUT_NOT || file->options.left_out == NULL)
        return;
    file->options.left_out(file->options.context,
                           &(struct left_out_frame){
                               .why = why,
                               .number = file->counts.frames,
                               .time = frame->time,
                               .data = frame->data.at,
                               .len = frame->data.len,
                               .wire_len = frame->wire_len,
                               .link = frame->link,
                               .interface = find_interface(file, frame, at),
                           });
}

static enum read_result read_frame(struct capture_file *file,
                                   struct frame *frame, const char **reason)
{
    enum read_result result;

    if (file->pcap.pcap != NULL)
        return pcap_reader_next(&file->pcap, frame, reason);
    result = pcapng_reader_next(&file->pcapng, frame);
    *reason = file->pcapng.reason;
    return result;
}

/* What a pipe still holds is read to its end, even if that is inside a frame.
 */
static bool is_stopped(const struct source *source)
{
    return source->stopped && !source->live;
}

/* Tells what is missing. Always returns false. */
static bool fail_inside(const struct capture_file *file, const char *reason,
                        char why[CAPTURE_WHY])
{
    const unsigned long long frame = file->counts.frames + 1;
    const struct source *source = &file->source;
    const long place = ftell(source->stream);

    if (is_stopped(source))
        return fail(why,
                    "%s: frame %llu: stopped by a signal; only the frames "
                    "before it were read",
                    file->path, frame);
    if (source->stopped)
        return false;
    return fail(why,
                "%s: frame %llu, byte %ld: %s; only the frames before it were "
                "read, copy the file again for the others",
                file->path, frame, place, reason);
}

static struct timed_packet packet_of(struct capture_file *file,
                                     const struct frame *frame,
                                     const struct link_packet *at,
                                     struct bytes ip)
{
    const enum direction direction =
        at->direction != DIRECTION_UNKNOWN ? at->direction : frame->direction;
    const bool filled = ip.at == file->filled; /* without its link headers */

    return (struct timed_packet){
        .frame = file->counts.frames,
        .time = frame->time,
        .data = ip.at,
        .len = ip.len,
        .link_len = filled ? 0 : at->at,
        .link = filled ? DLT_RAW : frame->link,
        .interface = find_interface(file, frame, at),
        .key = mix(at->key, direction),
    };
}

bool capture_file_next(struct capture_file *file, struct timed_packet *packet,
                       char why[CAPTURE_WHY])
{
    const char *reason = NULL;
    enum read_result result;
    struct link_packet at;
    enum left_out left_out;
    struct frame frame;
    struct bytes ip = {0};

    why[0] = '\0';
    do {
        result = read_frame(file, &frame, &reason);
        if (result == READ_BROKEN || is_stopped(&file->source))
            return fail_inside(file, reason, why);
        if (result == READ_END)
            return false;
        file->counts.frames++;
        left_out = take(file, &frame, &at, &ip);
        count(&file->counts, left_out, ip);
        tell_left_out(file, &frame, &at, left_out);
    } while (left_out != LEFT_OUT_NOT);
    *packet = packet_of(file, &frame, &at, ip);
    return true;
}

void frame_counts_print(FILE *stream, const struct frame_counts *counts)
{
    const uint64_t not_ip = counts->not_ip + counts->unlinked;

    fprintf(stream,
            "  %llu frames; left out: %llu not IP, %llu cut by the snap "
            "length\n",
            (unsigned long long)counts->frames, (unsigned long long)not_ip,
            (unsigned long long)counts->cut);
}

void frame_counts_add(struct frame_counts *sum, const struct frame_counts *of)
{
    sum->frames += of->frames;
    sum->packets += of->packets;
    sum->cut += of->cut;
    sum->not_ip += of->not_ip;
    sum->unlinked += of->unlinked;
    sum->filled += of->filled;
    sum->jumbo += of->jumbo;
    sum->fcs += of->fcs;
}
