#include "analysis/gnuplot.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/assert.h"

enum { NAME_SIZE = 80, STATUS_MISSING = 127 };

/* The files of a figure, made in a folder of their own and moved out of it when they are complete. */
struct drawing {
    const struct figure *figure;
    const char *folder; /* where they go */
    char *workshop;     /* where they are made */
    struct diag *diag;
};

static const char *const endings[] = {"dat", "gp", "svg", "png"};

static char *file_in(const char *folder, const struct figure *figure, const char *ending)
{
    char name[NAME_SIZE];
    snprintf(name, sizeof(name), "%s.%s", figure->plot->name, ending);
    return outfile_path(folder, name);
}

static void complain(const struct drawing *drawing, const char *path)
{
    struct diag_place place = {.file = path};
    diag_error(drawing->diag, &place, "cannot write: %s", strerror(errno));
}

static bool open_workshop(struct drawing *drawing)
{
    char name[NAME_SIZE + 32];
    snprintf(name, sizeof(name), ".%s.%ld.tmp", drawing->figure->plot->name, (long)getpid());
    drawing->workshop = outfile_path(drawing->folder, name);
    if (mkdir(drawing->workshop, 0777) == 0 || errno == EEXIST)
        return true;
    complain(drawing, drawing->workshop);
    return false;
}

static void close_workshop(struct drawing *drawing)
{
    for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
        char *path = file_in(drawing->workshop, drawing->figure, endings[i]);
        unlink(path);
        free(path);
    }
    char *messages = file_in(drawing->workshop, drawing->figure, "err");
    unlink(messages);
    free(messages);
    rmdir(drawing->workshop);
    free(drawing->workshop);
}

static bool write_part(const struct drawing *drawing, const char *ending,
                       void (*write)(const struct figure *figure, FILE *out))
{
    char *path = file_in(drawing->workshop, drawing->figure, ending);
    struct outfile *file = outfile_open(path, drawing->diag);
    free(path);
    if (!file)
        return false;
    write(drawing->figure, outfile_stream(file));
    return outfile_commit(file, drawing->diag);
}

/* Moves a file that was made to where it belongs; one that was not made leaves none behind. */
static bool deliver(const struct drawing *drawing, const char *ending)
{
    char *from = file_in(drawing->workshop, drawing->figure, ending);
    char *to = file_in(drawing->folder, drawing->figure, ending);
    bool fine = rename(from, to) == 0;
    if (!fine && errno == ENOENT)
        fine = unlink(to) == 0 || errno == ENOENT;
    if (!fine)
        complain(drawing, to);
    free(from);
    free(to);
    return fine;
}

/* In the child: gnuplot on the script, in the workshop, its messages in a file. */
_Noreturn static void become_gnuplot(const struct drawing *drawing)
{
    char script[NAME_SIZE], messages[NAME_SIZE];
    snprintf(script, sizeof(script), "%s.gp", drawing->figure->plot->name);
    snprintf(messages, sizeof(messages), "%s.err", drawing->figure->plot->name);
    setenv("LC_ALL", "C.UTF-8", 1);
    unsetenv("GNUPLOT_LIB");
    unsetenv("GNUPLOT_FONTPATH");
    if (chdir(drawing->workshop) != 0)
        _exit(1);
    int file = open(messages, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    if (file < 0 || dup2(file, STDOUT_FILENO) < 0 || dup2(file, STDERR_FILENO) < 0)
        _exit(1);
    execlp("gnuplot", "gnuplot", "--default-settings", script, (char *)NULL);
    _exit(errno == ENOENT ? STATUS_MISSING : 1);
}

static int run_gnuplot(const struct drawing *drawing)
{
    int status = 0;
    fflush(NULL);
    pid_t child = fork();
    SIM_ASSERT(child >= 0);
    if (child == 0)
        become_gnuplot(drawing);
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

static void report_failure(const struct drawing *drawing)
{
    char *path = file_in(drawing->workshop, drawing->figure, "err");
    char text[400] = "";
    FILE *file = fopen(path, "r");
    if (file) {
        text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
        fclose(file);
    }
    free(path);
    for (char *at = text; *at; at++)
        if (*at == '\n')
            *at = ' ';
    diag_error(drawing->diag, NULL, "gnuplot failed on %s.gp: %s", drawing->figure->plot->name, text);
}

static enum gnuplot_result draw(const struct drawing *drawing)
{
    if (!write_part(drawing, "dat", gnuplot_data) || !write_part(drawing, "gp", gnuplot_script))
        return GNUPLOT_FAILED;
    if (drawing->figure->empty)
        return GNUPLOT_EMPTY;
    int status = run_gnuplot(drawing);
    if (status == 0)
        return GNUPLOT_DRAWN;
    if (status == STATUS_MISSING)
        return GNUPLOT_MISSING;
    report_failure(drawing);
    return GNUPLOT_FAILED;
}

enum gnuplot_result gnuplot_draw(const struct figure *figure, const char *folder, struct diag *diag)
{
    struct drawing drawing = {.figure = figure, .folder = folder, .diag = diag};
    if (!open_workshop(&drawing)) {
        free(drawing.workshop);
        return GNUPLOT_FAILED;
    }
    enum gnuplot_result result = draw(&drawing);
    for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++)
        if (!deliver(&drawing, endings[i]))
            result = GNUPLOT_FAILED;
    close_workshop(&drawing);
    return result;
}
