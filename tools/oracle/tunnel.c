/* SPDX-License-Identifier: MIT */
#include "tunnel.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static const struct row {
    enum grove_tunnel_protocol protocol;
    const char *name;
    bool has_port;
} rows[] = {
    {GROVE_TUNNEL_IPIP, "ipip", false},
    {GROVE_TUNNEL_GRE, "gre", false},
    {GROVE_TUNNEL_VXLAN, "vxlan", true},
    {GROVE_TUNNEL_VXLAN_GPE, "vxlan-gpe", true},
    {GROVE_TUNNEL_GENEVE, "geneve", true},
    {GROVE_TUNNEL_PPPOE, "pppoe", false},
};

/* Reads a port in decimal digits, without a sign or a leading 0. */
static bool read_port(const char *digits, uint16_t *port)
{
    uint32_t value = 0;

    if (*digits == '0' || *digits == '\0')
        return false;
    for (; *digits != '\0'; digits++) {
        if (*digits < '0' || *digits > '9')
            return false;
        value = value * 10 + (uint32_t)(*digits - '0');
        if (value > UINT16_MAX)
            return false;
    }
    *port = (uint16_t)value;
    return true;
}

bool tunnel_read(const char *name, struct grove_tunnel *tunnel)
{
    const size_t len = strcspn(name, ":");

    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct row *row = &rows[i];

        if (len != strlen(row->name) || memcmp(name, row->name, len) != 0)
            continue;
        *tunnel = (struct grove_tunnel){.protocol = row->protocol};
        if (!row->has_port)
            return name[len] == '\0';
        return name[len] == ':' && read_port(name + len + 1, &tunnel->port);
    }
    return false;
}

void tunnel_write(const struct grove_tunnel *tunnel,
                  char name[TUNNEL_NAME_SIZE])
{
    const struct row *row = rows;

    while (row->protocol != tunnel->protocol)
        row++;
    if (row->has_port)
        snprintf(name, TUNNEL_NAME_SIZE, "%s:%u", row->name,
                 (unsigned)tunnel->port);
    else
        snprintf(name, TUNNEL_NAME_SIZE, "%s", row->name);
}
