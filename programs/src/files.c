/* Files and directories, each operation with what it answers, good and bad.
 *
 *     files DIRECTORY        works inside DIRECTORY, which should be empty, and leaves a known tree
 *     files escape DIRECTORY NAME
 *                            tries to read NAME from DIRECTORY: for paths that lead out of it
 *     files list DIRECTORY   the tree below DIRECTORY, sorted
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { PATH_SIZE = 512, NAMES = 256 };

/* Names rather than strerror's texts: those differ between C libraries. */
static const char *error_name(int error) {
    switch (error) {
    case EACCES: return "EACCES";
    case EBADF: return "EBADF";
    case EEXIST: return "EEXIST";
    case EINVAL: return "EINVAL";
    case EISDIR: return "EISDIR";
    case ELOOP: return "ELOOP";
    case ENOENT: return "ENOENT";
    case ENOTDIR: return "ENOTDIR";
    case ENOTEMPTY: return "ENOTEMPTY";
    case EPERM: return "EPERM";
#ifdef ENOTCAPABLE
    case ENOTCAPABLE: return "ENOTCAPABLE";
#endif
    default: return "another error";
    }
}

static void report(const char *what, long long result) {
    if (result < 0) {
        printf("%s: %s\n", what, error_name(errno));
    } else {
        printf("%s: %lld\n", what, result);
    }
}

static void show_file(const char *path) {
    char text[256];
    int fd = open(path, O_RDONLY);
    if (fd < 0) {
        report(path, fd);
        return;
    }
    ssize_t size = read(fd, text, sizeof text - 1);
    text[size < 0 ? 0 : size] = '\0';
    for (char *c = text; *c != '\0'; c++) {
        *c = *c == '\n' ? '/' : *c;
    }
    printf("%s holds %zd bytes: %s\n", path, size, text);
    close(fd);
}

static void show_stat(const char *path) {
    struct stat status;
    if (lstat(path, &status) != 0) {
        report(path, -1);
    } else if (S_ISDIR(status.st_mode)) {
        printf("%s is a directory\n", path);
    } else if (S_ISLNK(status.st_mode)) {
        char target[PATH_SIZE];
        ssize_t size = readlink(path, target, sizeof target);
        printf("%s is a link to %.*s\n", path, (int)size, target);
    } else {
        printf("%s is a file of %lld bytes, %d links\n", path, (long long)status.st_size,
               (int)status.st_nlink);
    }
}

static int compare_names(const void *left, const void *right) {
    return strcmp(*(char *const *)left, *(char *const *)right);
}

/* A directory's names are gathered and sorted first: no system promises their order. */
static void list_tree(const char *path, int level) {
    char *names[NAMES];
    int count = 0;
    DIR *directory = opendir(path);
    if (directory == NULL) {
        report(path, -1);
        return;
    }
    for (struct dirent *entry = readdir(directory); entry != NULL && count < NAMES;
         entry = readdir(directory)) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            names[count++] = strdup(entry->d_name);
        }
    }
    closedir(directory);
    qsort(names, (size_t)count, sizeof *names, compare_names);
    for (int i = 0; i < count; i++) {
        char child[PATH_SIZE];
        struct stat status;
        snprintf(child, sizeof child, "%s/%s", path, names[i]);
        show_stat(child);
        if (level < 8 && lstat(child, &status) == 0 && S_ISDIR(status.st_mode)) {
            list_tree(child, level + 1);
        }
        free(names[i]);
    }
}

static void use_a_file(void) {
    int fd = open("notes.txt", O_CREAT | O_EXCL | O_RDWR, 0644);
    report("write", write(fd, "0123456789\n", 11));
    report("seek to 4", lseek(fd, 4, SEEK_SET));
    report("overwrite", write(fd, "four", 4));
    report("seek from the end", lseek(fd, -3, SEEK_END));
    report("seek before the start", lseek(fd, -99, SEEK_CUR));
    report("tell", lseek(fd, 0, SEEK_CUR));
    report("write at 20", pwrite(fd, "beyond", 6, 20));
    char text[8] = "";
    report("read at 8", pread(fd, text, 2, 8));
    printf("read %s\n", text);
    report("truncate", ftruncate(fd, 15));
    report("synchronise", fsync(fd));
    report("close", close(fd));
    report("close again", close(fd));
    report("create what exists", open("notes.txt", O_CREAT | O_EXCL | O_WRONLY, 0644));
    show_stat("notes.txt");

    fd = open("notes.txt", O_WRONLY | O_APPEND);
    report("append", write(fd, "appended\n", 9));
    report("read a write-only file", read(fd, text, 1));
    close(fd);
    fd = open("notes.txt", O_RDONLY);
    report("write a read-only file", write(fd, text, 1));
    close(fd);
    fd = open("short.txt", O_CREAT | O_TRUNC | O_WRONLY, 0644);
    report("short write", write(fd, "short\n", 6));
    close(fd);
    show_file("short.txt");
}

static void use_streams(void) {
    FILE *file = fopen("lines.txt", "w+");
    for (int i = 0; i < 1000; i++) {
        fprintf(file, "line %d\n", i);
    }
    rewind(file);
    char line[64];
    int lines = 0;
    while (fgets(line, sizeof line, file) != NULL) {
        lines++;
    }
    printf("%d lines, the last is %s", lines, line);
    report("position", ftell(file));
    fseek(file, 5, SEEK_SET);
    fputs("zero", file);
    fclose(file);
    show_stat("lines.txt");
}

static void use_directories(void) {
    report("mkdir", mkdir("a", 0755));
    report("mkdir again", mkdir("a", 0755));
    report("mkdir below a missing one", mkdir("missing/b", 0755));
    report("mkdir below a file", mkdir("short.txt/b", 0755));
    report("mkdir a/b", mkdir("a/b", 0755));
    report("rmdir a full one", rmdir("a"));
    report("rmdir a file", rmdir("short.txt"));
    report("rename into a/b", rename("short.txt", "a/b/moved.txt"));
    show_file("a/b/../b/./moved.txt");
    report("rename what is missing", rename("short.txt", "other.txt"));
    report("rename over a file", rename("lines.txt", "notes.txt"));
    report("rename a directory", rename("a/b", "a/c"));
    report("hard link", link("a/c/moved.txt", "a/linked.txt"));
    show_stat("a/linked.txt");
    report("unlink", unlink("a/c/moved.txt"));
    show_stat("a/linked.txt");
    report("unlink again", unlink("a/c/moved.txt"));
    report("rmdir an empty one", rmdir("a/c"));
    report("open a directory to write", open("a", O_WRONLY));
    report("open a file as a directory", open("notes.txt", O_RDONLY | O_DIRECTORY));
    report("open below a file", open("notes.txt/x", O_RDONLY));
}

static void use_symbolic_links(void) {
    report("symlink", symlink("linked.txt", "a/soft"));
    show_stat("a/soft");
    show_file("a/soft");
    report("symlink to a directory", symlink("a", "also-a"));
    show_file("also-a/soft");
    report("dangling symlink", symlink("nowhere", "dangling"));
    report("open a dangling symlink", open("dangling", O_RDONLY));
    report("symlink loop", symlink("loop", "loop"));
    report("open a symlink loop", open("loop", O_RDONLY));
    report("open a symlink, not following", open("a/soft", O_RDONLY | O_NOFOLLOW));
    report("symlink over a file", symlink("x", "notes.txt"));
    report("unlink a symlink", unlink("dangling"));
}

static void use_times(void) {
    struct timespec times[2] = {{.tv_sec = 1000000000, .tv_nsec = 0}, {.tv_sec = 1234567890, .tv_nsec = 500}};
    report("set times", utimensat(AT_FDCWD, "notes.txt", times, 0));
    struct stat status;
    report("stat", stat("notes.txt", &status));
    printf("modified %lld.%09ld, accessed %lld\n", (long long)status.st_mtim.tv_sec,
           (long)status.st_mtim.tv_nsec, (long long)status.st_atim.tv_sec);
}

static void use_many_entries(void) {
    char name[PATH_SIZE];
    mkdir("many", 0755);
    for (int i = 0; i < 200; i++) {
        snprintf(name, sizeof name, "many/a-rather-long-name-so-that-one-read-is-too-small-%03d", i);
        close(open(name, O_CREAT | O_WRONLY, 0644));
    }
    int count = 0, total = 0;
    DIR *directory = opendir("many");
    for (struct dirent *entry = readdir(directory); entry != NULL; entry = readdir(directory)) {
        if (entry->d_name[0] != '.') {
            count++;
            total += atoi(entry->d_name + strlen(entry->d_name) - 3);
        }
    }
    closedir(directory);
    printf("many holds %d files, sum %d\n", count, total);
    for (int i = 0; i < 197; i++) {
        snprintf(name, sizeof name, "many/a-rather-long-name-so-that-one-read-is-too-small-%03d", i);
        unlink(name);
    }
}

int main(int argc, char **argv) {
    if (argc == 3 && strcmp(argv[1], "list") == 0) {
        if (chdir(argv[2]) != 0) {
            report(argv[2], -1);
            return 1;
        }
        list_tree(".", 0);
        return 0;
    }
    if (argc == 4 && strcmp(argv[1], "escape") == 0) {
        char path[PATH_SIZE];
        snprintf(path, sizeof path, "%s/%s", argv[2], argv[3]);
        show_file(path);
        return 0;
    }
    if (argc != 2) {
        fputs("usage: files DIRECTORY | files list DIRECTORY | files escape DIRECTORY NAME\n", stderr);
        return 2;
    }
    if (chdir(argv[1]) != 0) {
        report(argv[1], -1);
        return 1;
    }
    use_a_file();
    use_streams();
    use_directories();
    use_symbolic_links();
    use_times();
    use_many_entries();
    list_tree(".", 0);
    return 0;
}
