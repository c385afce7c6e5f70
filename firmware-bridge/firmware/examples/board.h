/*
 * What the examples need of a board, and what they give it. board_posix.c runs them as processes, for tests; board_mps2.c on an emulated
 * Cortex-M3. For a real board write these functions: they are its UART or USB, its timer, and the interrupt of its sensor.
 */
#ifndef BOARD_H
#define BOARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* us since reset; wraps. */
uint32_t board_micros(void);
/* Another number after each reset. */
uint32_t board_boot(void);
/* To the host: all n bytes, or none and false when there is no room. Never waits. */
bool board_send(void *context, const uint8_t *bytes, size_t n);
/* From the host: as many as there are, up to n. */
size_t board_receive(uint8_t *bytes, size_t n);
/* Called once by the main loop when it has nothing to do: sleeps until the next interrupt, or not at all. */
void board_idle(void);

/* The sensor's interrupt, which the example has: the board calls it whenever the sensor has something. */
void sensor_interrupt(void);

/* A camera's FIFO. False when it is empty. Called by sensor_interrupt alone. */
bool board_pixel(uint16_t *x, uint16_t *y, uint8_t *p);
/* A UART with a sensor at it. False when no byte is there. Called by sensor_interrupt alone. */
bool board_byte(uint8_t *byte);
/* To the sensor at that UART: all n bytes, few of them. */
void board_tell_sensor(const uint8_t *bytes, size_t n);

#endif
