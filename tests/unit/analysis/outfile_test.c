/* Output files: why a place cannot be written to. */
#include "analysis/outfile.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NOBODY = 65534 };

/* Tries to make `path` a folder; the message that comes of it, to be freed. */
static char *try_folder(const char *path)
{
    char *text = NULL;
    size_t size;
    struct diag *diag = diag_create();
    FILE *out = open_memstream(&text, &size);
    cr_expect_not(outfile_folder(path, diag));
    diag_print(diag, out);
    fclose(out);
    diag_destroy(diag);
    return text;
}

/* The superuser may write everywhere, so the test is somebody else for a while. */
Test(outfile, a_folder_that_may_not_be_made)
{
    char folder[] = "/tmp/iovsim-outfile-XXXXXX", path[64];
    uid_t self = geteuid();
    cr_assert_not_null(mkdtemp(folder));
    chmod(folder, 0555);
    snprintf(path, sizeof(path), "%s/a/b", folder);
    if (self == 0)
        cr_assert_eq(seteuid(NOBODY), 0);
    char *message = try_folder(path);
    if (self == 0)
        cr_assert_eq(seteuid(self), 0);
    cr_expect(strstr(message, "/a/b: error: cannot write: Permission denied"), "%s", message);
    rmdir(folder);
    free(message);
}

Test(outfile, a_folder_below_a_file)
{
    char *message = try_folder("/dev/null/a/b");
    cr_expect_str_eq(message, "/dev/null/a/b: error: cannot write: Not a directory\n");
    free(message);
}
