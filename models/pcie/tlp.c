#include "models/pcie/tlp.h"

#include <string.h>

#include "sim/assert.h"

/* All fields but the store. */
static void clear(struct tlp *tlp)
{
    _Static_assert(TLP_UNTRANSLATED == 0 && TLP_SUCCESS == 0, "fields that are cleared have these values");
    memset(tlp, 0, offsetof(struct tlp, store));
    tlp->count = 1;
}

/* Byte enables, section 2.2.5: all of a single DW's in the first. */
static void set_byte_enables(struct tlp *tlp, uint64_t address, uint32_t bytes)
{
    unsigned start = address & 3;
    unsigned end = (unsigned)((address + bytes) & 3);
    uint8_t from_start = (uint8_t)(0xF << start & 0xF);
    uint8_t to_end = (uint8_t)(end ? 0xF >> (4 - end) : 0xF);
    if (bytes == 0) {
        tlp->first_be = tlp->last_be = 0;
    } else if (tlp->length == 1) {
        tlp->first_be = from_start & to_end;
        tlp->last_be = 0;
    } else {
        tlp->first_be = from_start;
        tlp->last_be = to_end;
    }
}

static void make_request(struct tlp *tlp, uint16_t requester, uint64_t address, uint32_t bytes)
{
    clear(tlp);
    uint32_t dwords = bytes ? tlp_dwords(address, bytes) : 1;
    SIM_DEBUG_ASSERT(dwords <= 1024);
    tlp->type = TLP_MEMORY;
    tlp->requester = requester;
    tlp->address = address;
    tlp->bytes = bytes;
    tlp->length = (uint16_t)dwords;
    set_byte_enables(tlp, address, bytes);
}

void tlp_make_write(struct tlp *tlp, uint16_t requester, uint64_t address, uint32_t bytes)
{
    make_request(tlp, requester, address, bytes);
    tlp->fmt = address >> 32 ? TLP_4DW_DATA : TLP_3DW_DATA;
    tlp->wire = tlp_wire(tlp);
}

void tlp_make_read(struct tlp *tlp, uint16_t requester, uint16_t tag, uint64_t address, uint32_t bytes)
{
    make_request(tlp, requester, address, bytes);
    tlp->fmt = address >> 32 ? TLP_4DW : TLP_3DW;
    tlp->tag = tag;
    tlp->wire = tlp_wire(tlp);
}

void tlp_make_completion(struct tlp *tlp, const struct tlp *request, uint64_t address, uint32_t bytes,
                         uint32_t left)
{
    clear(tlp);
    tlp->fmt = TLP_3DW_DATA;
    tlp->type = TLP_COMPLETION;
    tlp->requester = request->requester;
    tlp->tag = request->tag;
    tlp->context = request->context;
    tlp->lower_address = address & 0x7F;
    tlp->byte_count = (uint16_t)(left & 0xFFF); /* 4096 is written as 0, section 2.2.9 */
    tlp->bytes = bytes;
    tlp->length = (uint16_t)(bytes ? tlp_dwords(address, bytes) : 1);
    tlp->wire = tlp_wire(tlp);
}

void tlp_make_error(struct tlp *tlp, const struct tlp *request, enum tlp_status status)
{
    tlp_make_completion(tlp, request, request->address, 0, request->bytes);
    tlp->fmt = TLP_3DW;
    tlp->status = (uint8_t)status;
    tlp->length = 0;
    tlp->wire = tlp_wire(tlp);
}
