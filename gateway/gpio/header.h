/* The 40-pin header that every Raspberry Pi since 2014 has: which pin is where, and what it can do
 * besides. Sources: the header's drawing and the tables of alternate functions in the peripherals'
 * documents of BCM2711 and RP1 (https://datasheets.raspberrypi.com). */
#ifndef GPIO_HEADER_H
#define GPIO_HEADER_H

#include <stdbool.h>
#include <stddef.h>

enum { HEADER_PINS = 40, HEADER_FUNCTIONS_MAX = 4, HEADER_BOARD_SIZE = 64 };

/* A bus of the header that a program or the kernel may talk on. */
enum header_bus {
    HEADER_BUS_NONE,
    HEADER_BUS_ID, /* I2C 0, for the memory chip of a board that is put on the header */
    HEADER_BUS_I2C1,
    HEADER_BUS_SPI0,
    HEADER_BUS_SPI1,
    HEADER_BUS_UART0,
};

struct header_pin {
    int number;       /* 1 to 40 */
    const char *name; /* "GPIO17"; of the others "3V3", "5V", "GND" */
    int gpio; /* the GPIO's number, and offset on a Pi's own chip; -1 for supply and ground */
    enum header_bus bus;
    const char *functions[HEADER_FUNCTIONS_MAX]; /* "SPI1 CE1"; NULL after the last */
};

/* The pin with a number of 1 to HEADER_PINS. */
const struct header_pin *header_pin_at(int number);

/* Whether a chip of this label drives the header. */
bool header_is_of_chip(const char *label);

/* Whether the pin's first function is a bus: I2C, SPI 0 or the serial port. */
bool header_carries_bus(const struct header_pin *pin);

/* Whether the bus is in use on this machine: its device stands in `device_folder` ("/dev"). `label` is
 * that of the header's chip. HEADER_BUS_ID always is. */
bool header_bus_is_busy(enum header_bus bus, const char *device_folder, const char *label);

/* "I²C 1", for messages; "" for HEADER_BUS_NONE. */
const char *header_bus_name(enum header_bus bus);

/* "Raspberry Pi 5 Model B": the machine's name in its device tree, without a revision; "" where it has
 * none. */
void header_board(char ret_board[HEADER_BOARD_SIZE]);

#endif
