#include "analyze/profiles.h"

#include "base/words.h"

#define PAGE 256 /* profiles */
#define PROFILE_WORDS (sizeof(struct profile) / 8)
_Static_assert(sizeof(struct profile) % 8 == 0 && WORDS_ROOM(PROFILE_WORDS) <= UINT16_MAX, "packed as words");

struct awake_profile {
    struct profile profile;
    uint32_t trader;
    bool used; /* since the hand passed by */
};

/* One of both. */
struct trader_place {
    struct awake_profile *awake;
    unsigned char *packed; /* two bytes of size before */
};

static struct awake_profile *slot_at(const struct profiles *p, uint32_t slot)
{
    return &p->pages[slot / PAGE][slot % PAGE];
}

static void fall_asleep(struct profiles *p, struct awake_profile *slot)
{
    unsigned char bytes[WORDS_ROOM(PROFILE_WORDS)];
    uint16_t size = (uint16_t)words_pack(&slot->profile, PROFILE_WORDS, bytes);
    struct trader_place *place = &p->places[slot->trader];
    place->packed = vg_alloc(sizeof size + size);
    memcpy(place->packed, &size, sizeof size);
    memcpy(place->packed + sizeof size, bytes, size);
    place->awake = NULL;
}

static void unpack(const unsigned char *packed, struct profile *profile)
{
    uint16_t size;
    memcpy(&size, packed, sizeof size);
    VG_ASSERT(words_unpack(packed + sizeof size, size, profile, PROFILE_WORDS));
}

/* A new slot, or that of one who was not asked for since the hand was here last. */
static struct awake_profile *free_slot(struct profiles *p)
{
    if (p->awake < p->awake_most) {
        if (p->awake % PAGE == 0) {
            p->pages = vg_realloc(p->pages, (p->awake / PAGE + 1) * sizeof(struct awake_profile *));
            p->pages[p->awake / PAGE] = vg_alloc(PAGE * sizeof(struct awake_profile));
        }
        return slot_at(p, p->awake++);
    }
    for (;;) {
        struct awake_profile *slot = slot_at(p, p->hand);
        p->hand = (p->hand + 1) % p->awake;
        if (!slot->used) {
            fall_asleep(p, slot);
            return slot;
        }
        slot->used = false;
    }
}

static struct awake_profile *occupy(struct profiles *p, uint32_t trader)
{
    struct awake_profile *slot = free_slot(p);
    slot->trader = trader;
    p->places[trader].awake = slot;
    return slot;
}

void profiles_add(struct profiles *p, vg_slice address)
{
    if (p->count == p->capacity) {
        p->capacity = p->capacity ? p->capacity * 2 : PAGE;
        p->places = vg_realloc(p->places, p->capacity * sizeof *p->places);
    }
    uint32_t trader = p->count++;
    p->places[trader] = (struct trader_place){NULL, NULL};
    struct awake_profile *slot = occupy(p, trader);
    memset(&slot->profile, 0, sizeof slot->profile);
    slot->profile.address = address;
    slot->used = true;
}

struct profile *profiles_of(struct profiles *p, uint32_t trader)
{
    struct awake_profile *slot = p->places[trader].awake;
    if (!slot) {
        slot = occupy(p, trader);
        unpack(p->places[trader].packed, &slot->profile);
        free(p->places[trader].packed);
        p->places[trader].packed = NULL;
    }
    slot->used = true;
    return &slot->profile;
}

const struct profile *profiles_read(const struct profiles *p, uint32_t trader, struct profile *room)
{
    if (p->places[trader].awake) return &p->places[trader].awake->profile;
    unpack(p->places[trader].packed, room);
    return room;
}

void profiles_prefetch(const struct profiles *p, uint32_t trader)
{
    const char *from = (const char *)p->places[trader].awake;
    for (size_t i = 0; from && i < sizeof(struct profile); i += 64)
        __builtin_prefetch(from + i);
}

void profiles_release(struct profiles *p)
{
    struct profile room;
    for (uint32_t i = 0; i < p->count; i++) {
        struct profile copy = *profiles_read(p, i, &room);
        profile_release(&copy);
        free(p->places[i].packed);
    }
    for (uint32_t i = 0; i < p->awake; i += PAGE)
        free(p->pages[i / PAGE]);
    free(p->pages);
    free(p->places);
    *p = (struct profiles){0};
}
