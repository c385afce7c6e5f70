/* One thread writes a counted sequence in pieces of many sizes, one reads it in others, through a ring that is always nearly full or
 * empty. 41 + 23 bytes are no more than it holds: so one of the two can always go on.
 */
#define _DEFAULT_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

#include "bridge.h"

#define BYTES 3000000u

static uint8_t storage[64];
static struct bridge_ring ring;

static uint8_t expected(uint32_t at)
{
    return (uint8_t)(at * 2654435761u >> 24);
}

static void *writer(void *unused)
{
    (void)unused;
    uint8_t piece[64];
    for (uint32_t at = 0, n; at < BYTES; at += n) {
        n = 1u + at % 41u;
        n = n < BYTES - at ? n : BYTES - at;
        for (uint32_t i = 0; i < n; i++)
            piece[i] = expected(at + i);
        while (!bridge_ring_put(&ring, piece, n))
            sched_yield();
    }
    return NULL;
}

int main(void)
{
    pthread_t thread;
    uint8_t piece[64];
    bridge_ring_init(&ring, storage, sizeof storage);
    /* Indices wrap at 2^32 on the way. */
    ring.wrote = ring.took = 0xffffff00u;
    if (bridge_ring_get(&ring, piece, 1) || bridge_ring_put(&ring, piece, 65) || bridge_ring_used(&ring) != 0)
        return 1;
    if (pthread_create(&thread, NULL, writer, NULL) != 0)
        return 2;
    for (uint32_t at = 0, n; at < BYTES; at += n) {
        const uint8_t *span = piece;
        if (at % 3u == 0) {
            while ((n = bridge_ring_peek(&ring, &span)) == 0)
                sched_yield();
        } else {
            n = 1u + at % 23u;
            n = n < BYTES - at ? n : BYTES - at;
            while (!bridge_ring_get(&ring, piece, n))
                sched_yield();
        }
        for (uint32_t i = 0; i < n; i++)
            if (span[i] != expected(at + i))
                return 3;
        if (span != piece)
            bridge_ring_drop(&ring, n);
    }
    pthread_join(thread, NULL);
    if (bridge_ring_used(&ring) != 0)
        return 4;
    printf("%u bytes\n", BYTES);
    return 0;
}
