#include "bridge.h"

#include <string.h>

#define FULL_BLOCK 255u

static void begin_packet(struct bridge_reader *reader)
{
    reader->length = 0;
    reader->block = 0;
    reader->zero_due = reader->begun = reader->overflown = false;
}

void bridge_reader_init(struct bridge_reader *reader, uint8_t *bytes, size_t capacity)
{
    memset(reader, 0, sizeof *reader);
    reader->bytes = bytes;
    reader->capacity = capacity;
    begin_packet(reader);
}

static uint32_t word_at(const uint8_t *bytes)
{
    return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

static bool end_packet(struct bridge_reader *reader)
{
    struct bridge_counters *counters = &reader->counters;
    size_t length = reader->length;
    if (!reader->begun)
        return false;
    if (reader->overflown)
        counters->too_long++;
    else if (reader->block != 0)
        counters->not_cobs++;
    else if (length < BRIDGE_HEADER_BYTES + BRIDGE_CHECK_BYTES)
        counters->too_short++;
    else if (bridge_crc32(0, reader->bytes, length - BRIDGE_CHECK_BYTES) != word_at(reader->bytes + length - BRIDGE_CHECK_BYTES))
        counters->bad_crc++;
    else {
        counters->good++;
        reader->frame.type = reader->bytes[0];
        reader->frame.flags = reader->bytes[1];
        reader->frame.seq = (uint16_t)(reader->bytes[2] | (unsigned)reader->bytes[3] << 8);
        reader->frame.t0 = word_at(reader->bytes + 4);
        reader->frame.payload = reader->bytes + BRIDGE_HEADER_BYTES;
        reader->frame.payload_bytes = length - BRIDGE_HEADER_BYTES - BRIDGE_CHECK_BYTES;
        return true;
    }
    return false;
}

static void keep(struct bridge_reader *reader, uint8_t byte)
{
    if (reader->length == reader->capacity)
        reader->overflown = true;
    else
        reader->bytes[reader->length++] = byte;
}

bool bridge_read_byte(struct bridge_reader *reader, uint8_t byte)
{
    if (byte == 0) {
        bool good = end_packet(reader);
        begin_packet(reader);
        return good;
    }
    if (reader->block == 0) {
        if (reader->zero_due)
            keep(reader, 0);
        reader->begun = true;
        reader->block = (uint8_t)(byte - 1u);
        reader->zero_due = byte != FULL_BLOCK;
    } else {
        reader->block--;
        keep(reader, byte);
    }
    return false;
}
