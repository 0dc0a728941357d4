/* The pins as they are now: those of the 40-pin header, or on other boards the named lines of all chips;
 * which are lines of the circuit, and who holds the others. Touches none. */
#ifndef PIN_SCAN_H
#define PIN_SCAN_H

#include "gpio/gpio.h"
#include "gpio/header.h"

struct circuit;
struct json_writer;
struct problem;

struct pin {
    char name[GPIO_NAME_SIZE];
    char chip[GPIO_NAME_SIZE];           /* "" where the pin is no GPIO, or its chip is not there */
    int offset;                          /* -1 then */
    const struct header_pin *header_pin; /* NULL beside a header */
    const char *line;                    /* of the circuit, borrowed from it; NULL for none */
    char held_by[GPIO_CONSUMER_SIZE];    /* another program; "" for none */
    bool is_output;                      /* as the kernel has it now */
    bool is_busy;                        /* a bus talks on it */
};

struct pin_scan {
    char board[HEADER_BOARD_SIZE];
    struct pin *pins; /* owned */
    size_t count;
};

/* Reads the pins as `circuit` and its backend have them; `options` are those that its port was opened
 * with. 0 or -ENOMEM. */
int pin_scan_read(struct pin_scan *pin_scan, struct circuit *circuit,
                  const struct gpio_options *options);
void pin_scan_done(struct pin_scan *pin_scan);

/* Whether nobody uses the pin, and it is a GPIO. */
bool pin_is_free(const struct pin *pin);

/* The free pin of that name. NULL with `problem` when there is none, or when two chips have it. */
const struct pin *pin_scan_find_free(const struct pin_scan *pin_scan, const char *name,
                                     struct problem *problem);

/* Writes it as the interface has it: one object. */
void pin_write(const struct pin *pin, struct json_writer *writer);

#endif
