/* SPDX-License-Identifier: MIT */
#include "capture.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "link.h"

#define NS_PER_S 1000000000

__attribute__((format(printf, 2, 3))) static bool fail(char why[CAPTURE_WHY],
                                                       const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(why, CAPTURE_WHY, format, args);
    va_end(args);
    return false;
}

static bool open_stream(const char *path, FILE **stream, char why[CAPTURE_WHY])
{
    int first;

    *stream = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
    if (*stream == NULL)
        return fail(why, "%s: %s; check the name", path, strerror(errno));
    first = getc(*stream);
    if (first != EOF) {
        ungetc(first, *stream);
        return true;
    }
    if (ferror(*stream))
        fail(why, "%s: %s; name a file", path, strerror(errno));
    else
        fail(why, "%s: byte 0: the file is empty; capture again", path);
    if (*stream != stdin)
        fclose(*stream);
    return false;
}

static bool open_pcap(struct capture_file *file, FILE *stream,
                      char why[CAPTURE_WHY])
{
    char reason[PCAP_ERRBUF_SIZE];

    file->pcap = pcap_fopen_offline_with_tstamp_precision(
        stream, PCAP_TSTAMP_PRECISION_NANO, reason);
    if (file->pcap != NULL)
        return true;
    if (stream != stdin)
        fclose(stream);
    return fail(why,
                "%s: byte 0: no pcap or pcapng file (%s); unpack it if it is "
                "compressed, or convert it with editcap",
                file->path, reason);
}

static const char *link_name(int link)
{
    const char *name = pcap_datalink_val_to_name(link);

    return name != NULL ? name : "of no name";
}

bool capture_file_open(struct capture_file *file, const char *path,
                       char why[CAPTURE_WHY])
{
    FILE *stream;

    *file = (struct capture_file){.path = path};
    if (!open_stream(path, &stream, why) || !open_pcap(file, stream, why))
        return false;
    file->link = pcap_datalink(file->pcap);
    if (link_known(file->link))
        return true;
    fail(why,
         "%s: byte 0: link type %d (%s) carries no IP that can be read here; "
         "capture on an Ethernet, TUN or loopback device, or on \"any\"",
         path, file->link, link_name(file->link));
    capture_file_close(file);
    return false;
}

/* Where libpcap stopped, and why. */
static bool fail_inside(struct capture_file *file, char why[CAPTURE_WHY])
{
    const long place = ftell(pcap_file(file->pcap));
    char byte[32] = "";

    if (place >= 0)
        snprintf(byte, sizeof byte, ", byte %ld", place);
    return fail(why,
                "%s: frame %llu%s: %s; copy the file again, or keep the frames "
                "before this one with editcap -r",
                file->path, (unsigned long long)file->counts.frames + 1, byte,
                pcap_geterr(file->pcap));
}

/* Counts the frame; true if the caller wants it. */
static bool take(struct capture_file *file, const struct pcap_pkthdr *header,
                 struct bytes frame, struct bytes *ip)
{
    struct frame_counts *counts = &file->counts;

    counts->frames++;
    if (header->caplen < header->len) {
        counts->cut++;
        return false;
    }
    if (!link_packet(file->link, frame, ip)) {
        counts->not_ip++;
        return false;
    }
    counts->packets++;
    counts->jumbo += ip->len > CAPTURE_JUMBO;
    return true;
}

/*
 * In nanoseconds. A file may name any number of seconds: times are kept to what
 * an int64_t holds, and so are their differences, since none is negative.
 */
static int64_t time_of(const struct timeval *time)
{
    const int64_t most = INT64_MAX / NS_PER_S - 10;
    int64_t seconds = time->tv_sec > 0 ? time->tv_sec : 0;

    if (seconds > most)
        seconds = most;
    /* With this precision tv_usec holds nanoseconds, and they may be many. */
    return seconds * NS_PER_S + (time->tv_usec & UINT32_MAX);
}

bool capture_file_next(struct capture_file *file, struct timed_packet *packet,
                       char why[CAPTURE_WHY])
{
    struct pcap_pkthdr *header;
    const u_char *data;
    struct bytes ip;
    int status;

    why[0] = '\0';
    do {
        status = pcap_next_ex(file->pcap, &header, &data);
        if (status == PCAP_ERROR_BREAK)
            return false;
        if (status != 1)
            return fail_inside(file, why);
    } while (!take(file, header,
                   (struct bytes){.at = data, .len = header->caplen}, &ip));
    *packet = (struct timed_packet){
        .frame = file->counts.frames,
        .time = time_of(&header->ts),
        .data = ip.at,
        .len = ip.len,
    };
    return true;
}

void capture_file_close(struct capture_file *file)
{
    if (file->pcap != NULL)
        pcap_close(file->pcap);
    file->pcap = NULL;
}

void frame_counts_print(FILE *stream, const struct frame_counts *counts)
{
    fprintf(stream,
            "  %llu frames; left out: %llu not IP, %llu cut by the snap "
            "length\n",
            (unsigned long long)counts->frames,
            (unsigned long long)counts->not_ip,
            (unsigned long long)counts->cut);
    if (counts->jumbo != 0)
        fprintf(stream,
                "  %llu are longer than a frame can be: the capturing host's "
                "offloads were on\n",
                (unsigned long long)counts->jumbo);
}
