#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/kernel.h"

enum { HEADER_SIZE = 512 };

static const char suffix[] = ".vcd";

/* SystemC appends ".vcd" itself, opens the file late and treats failure as an error in the program. */
bool sim_vcd_open(struct sim *sim, const char *path)
{
    size_t length = strlen(path);
    char *full = malloc(length + sizeof(suffix));
    SIM_ASSERT(full != NULL);
    memcpy(full, path, length);
    memcpy(full + length, suffix, sizeof(suffix));
    FILE *file = fopen(full, "w");
    if (file == NULL) {
        int error = errno;
        free(full);
        errno = error;
        return false;
    }
    fclose(file);
    shim_vcd_open(path);
    sim->vcd_path = full;
    sim->config.vcd_path = full;
    sim->config.mode = SIM_LOCKSTEP;
    return true;
}

/* Overwrites the line after the line `keyword` in `header`, keeping its length. */
static void overwrite_value(char *header, const char *keyword, const char *value)
{
    char *line = strstr(header, keyword);
    if (line == NULL)
        return;
    line += strlen(keyword);
    size_t length = strcspn(line, "\n");
    size_t used = strlen(value) < length ? strlen(value) : length;
    memset(line, ' ', length);
    memcpy(line, value, used);
}

/* The header names the day and SystemC's build: takes both out, so that equal runs write equal files. */
static void make_reproducible(const char *path)
{
    FILE *file = fopen(path, "r+");
    if (file == NULL)
        return;
    char header[HEADER_SIZE + 1];
    size_t size = fread(header, 1, HEADER_SIZE, file);
    header[size] = '\0';
    overwrite_value(header, "$date\n", "     simulated");
    overwrite_value(header, "$version\n", " iovsim");
    rewind(file);
    fwrite(header, 1, size, file);
    fclose(file);
}

void sim_vcd_close(struct sim *sim)
{
    shim_vcd_close();
    make_reproducible(sim->vcd_path);
    free(sim->vcd_path);
}

void sim_trace_value(struct sim *sim, const char *name, const uint32_t *value)
{
    if (sim->vcd_path == NULL)
        return;
    SIM_ASSERT(!sim->started);
    shim_vcd_value(name, value);
}
