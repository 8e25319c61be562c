/*
 * Preloaded into User Mode Linux. Version 6.1 of it saves the registers of its processes up to those of AVX, and the kernel
 * takes them back as a whole only: on a processor with wider ones no process would start. What is beyond is kept here for it,
 * by the place where it keeps the rest. Needs no header and no library but the one that the program has loaded.
 */
typedef unsigned long size_t;
struct iovec {
  char *base;
  size_t length;
};
struct saved {
  char *place;
  char *state;
};

enum { GETREGSET = 0x4204, SETREGSET = 0x4205, XSTATE = 0x202, MOST_BYTES = 1 << 14, PLACES = 1 << 16 };

extern void *dlsym(void *, const char *);
extern void *malloc(size_t);
extern void *memcpy(void *, const void *, size_t);

static struct saved table[PLACES];
static char whole[MOST_BYTES];
static size_t length;

static struct saved *find(char *place) {
  size_t index = (size_t)place / 16 % PLACES;
  while (table[index].place != 0 && table[index].place != place) index = (index + 1) % PLACES;
  return &table[index];
}

long ptrace(long request, long pid, void *address, void *data) {
  static long (*next)(long, long, void *, void *);
  struct iovec *registers = data;
  struct iovec all = {whole, MOST_BYTES};
  struct saved *kept;
  long result;
  if (next == 0) next = dlsym((void *)-1, "ptrace");
  if ((request != GETREGSET && request != SETREGSET) || (long)address != XSTATE)
    return next(request, pid, address, data);
  kept = find(registers->base);
  if (request == SETREGSET) {
    if (length <= registers->length) return next(request, pid, address, data);
    if (kept->place != 0)
      memcpy(whole, kept->state, length);
    else if ((result = next(GETREGSET, pid, address, &all)) < 0)
      return result;
    memcpy(whole, registers->base, registers->length);
    all.length = length;
    return next(SETREGSET, pid, address, &all);
  }
  if ((result = next(request, pid, address, &all)) < 0) return result;
  length = all.length;
  if (length <= registers->length) {
    memcpy(registers->base, whole, length);
    registers->length = length;
    return result;
  }
  memcpy(registers->base, whole, registers->length);
  if (kept->place == 0) {
    kept->state = malloc(MOST_BYTES);
    kept->place = registers->base;
  }
  memcpy(kept->state, whole, length);
  return result;
}
