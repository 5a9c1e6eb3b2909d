"""The tables behind ``polarity``: words that deny, exclude, start and end what is denied."""

from __future__ import annotations


def words_in(block: str) -> frozenset[str]:
    """The words of a table written as a block."""
    return frozenset(block.split())


DENY = words_in(
    """
    not no never without avoid avoiding withhold withholding omit nor skip neither unlike hold
    lack lacks
    """
)
DENY_PAIRS = frozenset(
    {("rather", "than"), ("instead", "of"), ("opposed", "to"), ("less", "likely"), ("free", "of"), ("absence", "of")}
)
EXCLUDE = frozenset({"exclude", "excluding", "excludes"})
EXCLUDE_PAIRS = frozenset({("rule", "out"), ("ruling", "out"), ("rules", "out")})
IDIOMS = frozenset({("no", "delay"), ("without", "delay"), ("hold", "on")})
SET_PHRASES = words_in("sure certain know doubt question miss forget overlook")
"""After "not" or "no" these make one phrase that denies nothing: "not sure", "no doubt", "must not miss"."""
AGAINST = words_in(
    """
    contraindicated dangerous harmful unsafe unlikely avoided withheld excluded omitted
    """
)
"""Said of what stands before them as well as after: "GTN is dangerous", "it is dangerous to give GTN"."""
NOT_A_DENIAL = words_in(
    """
    only just simply merely sure certain know miss forget overlook doubt question hesitate
    """
)
AUXILIARY = words_in(
    """
    is are was were should must does do did can could would will need needs has have be may might
    """
)
EVALUATIVE = words_in(
    """
    give given used use needed need required necessary useful helpful help indicated recommended
    appropriate advised suitable safe present involved likely affected possible administered prescribed
    started done wanted correct right change add
    """
)
BREAKS = words_in(
    """
    but because however although though since so therefore then which who whereas while until unless if
    when otherwise instead except hence thus
    """
)
STARTS = words_in(
    """
    it this that there she he they i we you the her his these 1 give start go do act treat send just
    keep continue add call ask get use take put check we'd run is would needs should load record
    transfer rather actually straight look measure carry replace reduce switch stop try need
    """
)
INTERJECTION = words_in(
    """
    sorry wait actually it that this i she he you we keep do the a just go continue carry there
    """
)
CONDITION = frozenset({"if", "unless", "otherwise", "alternatively"})
MEANS = frozenset({"with", "by", "using", "via", "on", "before", "prior"})
"""What follows these is how something is excluded, not what."""
TAKE_BACK = words_in("avoid avoiding withhold withholding omit skip")
"""A list after these is meant to its end, even when "and" joins it: "avoid nitrates, morphine and diuretics"."""
FINITE = words_in("is are was were has have had will would should must can could does do did")
"""What makes a clause of the words before it: "no thrombectomy is needed" is one."""
CIRCUMSTANCE = words_in("in with by as here after during and or on at because")
"""What follows these after "dangerous" is where or why, not what."""
JOINS = words_in("and or nor plus")
"""Words between one phrase and the next."""
SPEAKS = words_in(
    """
    advise advised advising recommend recommends recommended decide decided argue argues arguing speaks
    counts goes go going evidence is are was am be strongly i we not
    """
)
"""What makes a denial of "against": "I'd advise against GTN", but not "against this"."""
HAS_TO_BE = words_in("must should to would ought need needs")
WANTED = words_in("want wants wanted like get need needs")
