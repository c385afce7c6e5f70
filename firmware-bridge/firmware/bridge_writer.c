#include "bridge.h"

#define FULL_BLOCK 255u

void bridge_writer_init(struct bridge_writer *writer, uint8_t *wire, size_t max_frame)
{
    writer->wire = wire;
    writer->max_frame = max_frame;
    writer->wire_bytes = writer->code_at = writer->raw_bytes = 0;
    writer->crc = writer->sent = 0;
}

/* A full block stays the open one until a byte follows: data that end with it get no empty block behind it. */
static void close_block(struct bridge_writer *writer)
{
    writer->wire[writer->code_at] = (uint8_t)(writer->wire_bytes - writer->code_at);
    writer->code_at = writer->wire_bytes++;
}

static void stuff(struct bridge_writer *writer, uint8_t byte)
{
    if (writer->wire_bytes - writer->code_at == FULL_BLOCK)
        close_block(writer);
    if (byte == 0)
        close_block(writer);
    else
        writer->wire[writer->wire_bytes++] = byte;
}

void bridge_put(struct bridge_writer *writer, const uint8_t *bytes, size_t n)
{
    writer->crc = bridge_crc32(writer->crc, bytes, n);
    writer->raw_bytes += n;
    for (size_t i = 0; i < n; i++)
        stuff(writer, bytes[i]);
}

void bridge_put_number(struct bridge_writer *writer, uint32_t value, unsigned bytes)
{
    uint8_t little[4] = {0};
    for (unsigned i = 0; i < bytes; i++)
        little[i] = (uint8_t)(value >> (8u * i));
    bridge_put(writer, little, bytes);
}

void bridge_begin(struct bridge_writer *writer, uint8_t type, uint8_t flags, uint32_t t0)
{
    writer->wire[0] = 0;
    writer->code_at = 1;
    writer->wire_bytes = 2;
    writer->raw_bytes = 0;
    writer->crc = 0;
    bridge_put_number(writer, type, 1);
    bridge_put_number(writer, flags, 1);
    bridge_put_number(writer, writer->sent, 2);
    bridge_put_number(writer, t0, 4);
}

size_t bridge_room(const struct bridge_writer *writer)
{
    return writer->max_frame - BRIDGE_CHECK_BYTES - writer->raw_bytes;
}

size_t bridge_end(struct bridge_writer *writer)
{
    bridge_put_number(writer, writer->crc, BRIDGE_CHECK_BYTES);
    writer->wire[writer->code_at] = (uint8_t)(writer->wire_bytes - writer->code_at);
    writer->wire[writer->wire_bytes++] = 0;
    writer->sent++;
    return writer->wire_bytes;
}
