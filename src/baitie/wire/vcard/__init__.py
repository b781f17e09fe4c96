"""vCard 4.0 (电子名片): the contact that a callee may save."""

from baitie.wire.vcard.writer import ContactCard, write_vcard

__all__ = ["ContactCard", "write_vcard"]
