#include "analysis/outfile.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/assert.h"

struct outfile {
    char *path;
    char *temporary; /* NULL: written directly */
    FILE *stream;
};

/* ---- what a signal has to remove ---- */

enum { GUARDED_MAX = 16 }; /* files that are written at once */

static const char *volatile guarded[GUARDED_MAX];
static pid_t owner; /* a forked worker removes nothing */

void outfile_guard(const char *path)
{
    for (size_t i = 0; i < GUARDED_MAX; i++) {
        if (guarded[i])
            continue;
        guarded[i] = path;
        return;
    }
}

void outfile_release(const char *path)
{
    for (size_t i = 0; i < GUARDED_MAX; i++)
        if (guarded[i] == path)
            guarded[i] = NULL;
}

static void clean_up(int number)
{
    for (size_t i = 0; getpid() == owner && i < GUARDED_MAX; i++)
        if (guarded[i])
            unlink(guarded[i]);
    signal(number, SIG_DFL);
    raise(number);
}

void outfile_clean_up_on_signals(void)
{
    static const int numbers[] = {SIGHUP, SIGINT, SIGTERM, SIGPIPE, SIGABRT};
    owner = getpid();
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        struct sigaction present, action = {.sa_handler = clean_up};
        sigaction(numbers[i], NULL, &present);
        if (present.sa_handler != SIG_IGN)
            sigaction(numbers[i], &action, NULL);
    }
}

/* ---- files ---- */

static void complain(struct diag *diag, const char *path, int error)
{
    struct diag_place place = {.file = path};
    diag_error(diag, &place, "cannot write: %s", strerror(error));
}

/* Whether something stands there already that is no regular file. */
static bool is_special(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && !S_ISREG(status.st_mode);
}

/* The process' number keeps two runs of the program apart. */
static char *temporary_name(const char *path)
{
    size_t size = strlen(path) + 32;
    char *name = malloc(size);
    SIM_ASSERT(name);
    snprintf(name, size, "%s.%ld.tmp", path, (long)getpid());
    return name;
}

static void release(struct outfile *file)
{
    outfile_release(file->temporary);
    free(file->path);
    free(file->temporary);
    free(file);
}

struct outfile *outfile_open(const char *path, struct diag *diag)
{
    struct outfile *file = calloc(1, sizeof(*file));
    SIM_ASSERT(file);
    file->path = strdup(path);
    SIM_ASSERT(file->path);
    if (!is_special(path))
        file->temporary = temporary_name(path);
    int flags = file->temporary ? O_WRONLY | O_CREAT | O_TRUNC : O_WRONLY;
    int descriptor = open(file->temporary ? file->temporary : path, flags | O_CLOEXEC, 0666);
    if (descriptor >= 0)
        file->stream = fdopen(descriptor, "w");
    if (file->stream) {
        if (file->temporary)
            outfile_guard(file->temporary);
        return file;
    }
    complain(diag, path, errno);
    release(file);
    return NULL;
}

FILE *outfile_stream(struct outfile *file)
{
    return file->stream;
}

const char *outfile_temporary(const struct outfile *file)
{
    return file->temporary;
}

bool outfile_commit(struct outfile *file, struct diag *diag)
{
    bool failed = ferror(file->stream) != 0;
    errno = 0;
    failed = fclose(file->stream) != 0 || failed;
    if (!failed && file->temporary)
        failed = rename(file->temporary, file->path) != 0;
    if (failed) {
        complain(diag, file->path, errno ? errno : EIO);
        if (file->temporary)
            unlink(file->temporary);
    }
    release(file);
    return !failed;
}

void outfile_discard(struct outfile *file)
{
    if (!file)
        return;
    fclose(file->stream);
    if (file->temporary)
        unlink(file->temporary);
    release(file);
}

/* Makes a folder; why it could not, 0 if it is there now. What exists may be no folder: that is found later. */
static int make_folder(const char *path)
{
    return mkdir(path, 0777) == 0 || errno == EEXIST ? 0 : errno;
}

/* Makes the folders above `path`, and it. Why the first of them could not be made that has to be; 0 if all are there. */
static int make_folders(char *path)
{
    int first = 0, last;
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        last = make_folder(path);
        first = first ? first : last;
        *slash = '/';
    }
    last = make_folder(path);
    return last && first ? first : last;
}

/* Permission bits do not say everything (a full or read-only file system): a file is made, and removed. */
static int try_folder(const char *path)
{
    char *probe = outfile_path(path, ".iovsim");
    char *name = temporary_name(probe);
    int descriptor = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    int error = errno;
    if (descriptor >= 0) {
        close(descriptor);
        unlink(name);
    }
    free(name);
    free(probe);
    return descriptor >= 0 ? 0 : error;
}

bool outfile_folder(const char *path, struct diag *diag)
{
    char *copy = strdup(path);
    SIM_ASSERT(copy);
    int error = *copy ? make_folders(copy) : 0;
    free(copy);
    error = error ? error : try_folder(path);
    if (error)
        complain(diag, path, error);
    return error == 0;
}

char *outfile_path(const char *folder, const char *name)
{
    size_t size = strlen(folder) + strlen(name) + 2;
    char *path = malloc(size);
    SIM_ASSERT(path);
    snprintf(path, size, "%s/%s", folder, name);
    return path;
}
