#include "bridge.h"

#include <string.h>

static unsigned bytes_of(uint8_t type)
{
    static const uint8_t BYTES[] = {1, 2, 2, 4, 4, 24, 32};
    return BYTES[type];
}

void bridge_put_fields(struct bridge_writer *writer, const struct bridge_field *fields, size_t n, const void *values)
{
    for (size_t i = 0; i < n; i++) {
        const uint8_t *value = (const uint8_t *)values + fields[i].at;
        unsigned bytes = bytes_of(fields[i].type);
        uint16_t half;
        uint32_t word;
        if (bytes == 2) {
            memcpy(&half, value, sizeof half);
            bridge_put_number(writer, half, 2);
        } else if (bytes == 4) {
            memcpy(&word, value, sizeof word);
            bridge_put_number(writer, word, 4);
        } else
            bridge_put(writer, value, bytes);
    }
}

bool bridge_get_fields(const struct bridge_frame *frame, size_t at, const struct bridge_field *fields, size_t n, void *values)
{
    for (size_t i = 0; i < n; i++) {
        uint8_t *value = (uint8_t *)values + fields[i].at;
        unsigned bytes = bytes_of(fields[i].type);
        if (at > frame->payload_bytes || bytes > frame->payload_bytes - at)
            return false;
        const uint8_t *wire = frame->payload + at;
        if (bytes == 2) {
            uint16_t half = (uint16_t)(wire[0] | (unsigned)wire[1] << 8);
            memcpy(value, &half, sizeof half);
        } else if (bytes == 4) {
            uint32_t word = wire[0] | (uint32_t)wire[1] << 8 | (uint32_t)wire[2] << 16 | (uint32_t)wire[3] << 24;
            memcpy(value, &word, sizeof word);
        } else
            memcpy(value, wire, bytes);
        at += bytes;
    }
    return true;
}
