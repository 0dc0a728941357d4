#include "gpio/header.h"

#include "base/owner.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MODEL_FILE "/proc/device-tree/model"

#define SUPPLY(number, name)                                                                       \
    {                                                                                              \
        number, name, -1, HEADER_BUS_NONE,                                                         \
        {                                                                                          \
            NULL                                                                                   \
        }                                                                                          \
    }
#define PIN(number, gpio, bus, ...)                                                                \
    {                                                                                              \
        number, "GPIO" #gpio, gpio, HEADER_BUS_##bus,                                              \
        {                                                                                          \
            __VA_ARGS__                                                                            \
        }                                                                                          \
    }

static const struct header_pin pins[HEADER_PINS] = {
    SUPPLY(1, "3V3"),
    SUPPLY(2, "5V"),
    PIN(3, 2, I2C1, "I2C1 SDA"),
    SUPPLY(4, "5V"),
    PIN(5, 3, I2C1, "I2C1 SCL"),
    SUPPLY(6, "GND"),
    PIN(7, 4, NONE, "GPCLK0", "1-Wire"),
    PIN(8, 14, UART0, "UART0 TXD"),
    SUPPLY(9, "GND"),
    PIN(10, 15, UART0, "UART0 RXD"),
    PIN(11, 17, SPI1, "SPI1 CE1"),
    PIN(12, 18, SPI1, "PWM0", "PCM CLK", "SPI1 CE0"),
    PIN(13, 27, NONE, NULL),
    SUPPLY(14, "GND"),
    PIN(15, 22, NONE, NULL),
    PIN(16, 23, NONE, NULL),
    SUPPLY(17, "3V3"),
    PIN(18, 24, NONE, NULL),
    PIN(19, 10, SPI0, "SPI0 MOSI"),
    SUPPLY(20, "GND"),
    PIN(21, 9, SPI0, "SPI0 MISO"),
    PIN(22, 25, NONE, NULL),
    PIN(23, 11, SPI0, "SPI0 SCLK"),
    PIN(24, 8, SPI0, "SPI0 CE0"),
    SUPPLY(25, "GND"),
    PIN(26, 7, SPI0, "SPI0 CE1"),
    PIN(27, 0, ID, "I2C0 SDA", "ID_SD"),
    PIN(28, 1, ID, "I2C0 SCL", "ID_SC"),
    PIN(29, 5, NONE, "GPCLK1"),
    SUPPLY(30, "GND"),
    PIN(31, 6, NONE, "GPCLK2"),
    PIN(32, 12, NONE, "PWM0"),
    PIN(33, 13, NONE, "PWM1"),
    SUPPLY(34, "GND"),
    PIN(35, 19, SPI1, "PWM1", "PCM FS", "SPI1 MISO"),
    PIN(36, 16, SPI1, "SPI1 CE2"),
    PIN(37, 26, NONE, NULL),
    PIN(38, 20, SPI1, "PCM DIN", "SPI1 MOSI"),
    SUPPLY(39, "GND"),
    PIN(40, 21, SPI1, "PCM DOUT", "SPI1 SCLK"),
};

const struct header_pin *header_pin_at(int number)
{
    assert(number >= 1 && number <= HEADER_PINS);
    return &pins[number - 1];
}

bool header_is_of_chip(const char *label)
{
    static const char *const labels[] = {"pinctrl-bcm2835", "pinctrl-bcm2711", "pinctrl-rp1"};
    for (size_t i = 0; i < ARRAY_LENGTH(labels); i++)
        if (strcmp(label, labels[i]) == 0)
            return true;
    return false;
}

/* SPI 1 is off on every Pi until somebody asks for it. */
bool header_carries_bus(const struct header_pin *pin)
{
    return pin->bus != HEADER_BUS_NONE && pin->bus != HEADER_BUS_SPI1;
}

bool header_bus_is_busy(enum header_bus bus, const char *device_folder, const char *label)
{
    /* A Pi 5 has its serial0 on the plug of its own beside the header. */
    bool has_rp1 = strcmp(label, "pinctrl-rp1") == 0;
    const char *devices[] = {
        [HEADER_BUS_NONE] = NULL,        [HEADER_BUS_ID] = NULL,
        [HEADER_BUS_I2C1] = "i2c-1",     [HEADER_BUS_SPI0] = "spidev0.0",
        [HEADER_BUS_SPI1] = "spidev1.0", [HEADER_BUS_UART0] = has_rp1 ? "ttyAMA0" : "serial0",
    };
    char path[256];
    if (!devices[bus])
        return bus == HEADER_BUS_ID;
    (void)snprintf(path, sizeof path, "%s/%s", device_folder, devices[bus]);
    return access(path, F_OK) == 0;
}

const char *header_bus_name(enum header_bus bus)
{
    static const char *const names[] = {
        [HEADER_BUS_NONE] = "",      [HEADER_BUS_ID] = "I²C 0",
        [HEADER_BUS_I2C1] = "I²C 1", [HEADER_BUS_SPI0] = "SPI 0",
        [HEADER_BUS_SPI1] = "SPI 1", [HEADER_BUS_UART0] = "the serial port",
    };
    return names[bus];
}

void header_board(char ret_board[HEADER_BOARD_SIZE])
{
    ret_board[0] = '\0';
    AUTO_FD fd = open(MODEL_FILE, O_RDONLY | O_CLOEXEC);
    ssize_t length = fd < 0 ? -1 : read(fd, ret_board, HEADER_BOARD_SIZE - 1);
    ret_board[length > 0 ? length : 0] = '\0';
    char *revision = strstr(ret_board, " Rev ");
    if (revision)
        *revision = '\0';
}
