"""Words that look or sound nearly alike and must never be taken for each other."""

from __future__ import annotations

from functools import cache

from rapidfuzz.distance import OSA

from companion.core.answer_text import fold, level

_GROUPS = """
left right
anterior inferior posterior superior lateral medial septal
proximal distal
systolic diastolic systemic
systole diastole
elevation depression
type1 type2
under over
acidosis alkalosis
metabolic respiratory
arterial atrial
artery vein atrium
ventricular ventilation
infarction infection infarct dissection resection section
thrombosis thrombolysis thrombectomy thrombocytosis
embolism aneurysm embolisation
stenosis stent
angina angiogram angioplasty
perfusion effusion infusion transfusion diffusion
pericarditis myocarditis endocarditis carditis
pneumothorax haemothorax hydrothorax chylothorax
pneumonia pneumonitis
ischaemia anaemia uraemia
absorption adsorption
aspirin aspiration aspirate
sodium potassium calcium magnesium
bicarbonate carbonate
adrenaline noradrenaline
adenosine amiodarone atropine amlodipine amiloride
ileum ilium
ureter urethra
dysphagia dysphasia dysplasia
palpation palpitation
perineal peroneal peritoneal
abduction adduction
afferent efferent
facial fascial
mucus mucous
increase decrease
raised reduced
high low
positive negative
upper lower
benign malignant
acute chronic
primary secondary
regular irregular
stable unstable
typical atypical
equal unequal
symmetrical asymmetrical
symptomatic asymptomatic
febrile afebrile
obstructive restrictive destructive
reabsorption resorption
troponin tropomyosin
insulin inulin
heparin hirudin
apixaban rivaroxaban edoxaban dabigatran
alteplase tenecteplase reteplase streptokinase
enoxaparin dalteparin tinzaparin fondaparinux
bisoprolol metoprolol propranolol atenolol carvedilol labetalol
ramipril lisinopril enalapril perindopril captopril
losartan candesartan valsartan irbesartan
atorvastatin simvastatin rosuvastatin pravastatin
clopidogrel prasugrel ticagrelor
cefuroxime ceftriaxone cefotaxime cefalexin
clarithromycin erythromycin azithromycin clindamycin vancomycin
gentamicin kanamycin
prednisolone prednisone methylprednisolone
hydralazine hydroxyzine
carbamazepine carbimazole
chlorpromazine chlorpropamide
lamotrigine lamivudine
glipizide gliclazide glucagon
conduction convection
pleural plural pleurisy
cerebral cerebellar
ketones ketosis
hypotension hypertension
colon cologne
viral bacterial
inspiratory expiratory
fixed variable mixed
hypertonic hypotonic isotonic
open closed
internal external
direct indirect
inhibit inhabit
"""
"""One group a line; two words of one line are never taken for each other."""

_PREFIXES = (
    ("hiper", "hipo"), ("intra", "inter"), ("intra", "extra"), ("bradi", "tachi"), ("pre", "post"), ("sub", "supra"),
    ("macro", "micro"), ("poli", "oligo"), ("hemi", "semi"), ("ante", "anti"), ("ab", "ad"), ("mono", "poli"),
    ("endo", "exo"), ("endo", "epi"), ("iso", "hipo"), ("leuko", "leuco"), ("normo", "hiper"), ("normo", "hipo"),
)  # fmt: skip
_DENYING = ("un", "in", "im", "ir", "non", "an", "a", "dis", "de", "ab", "con", "re", "anti")
_FAMILIES = """
pril olol sartan statin dipin asol cillin micin mucin parin saban xaban gliptin glifosin flosin asepam prasol
tidin thiasid semid cain plas grel floxacin vir mab pin prost terol setron triptan dronat oxin
"""
"""Endings that say which family a drug belongs to; the rest of its name tells it from its sisters."""
_CLASSES = tuple(_FAMILIES.split())


def twins(said: str, meant: str) -> bool:
    """Whether two levelled words may not be matched by likeness, however alike they are."""
    if said == meant:
        return False
    groups, known = _tables()
    if said in known:
        return True
    likeness = OSA.normalized_similarity(said, meant)
    for sister in groups.get(meant, ()):
        if OSA.normalized_similarity(said, sister) >= likeness:
            return True
    return _prefixes_differ(said, meant) or _families_differ(said, meant)


def sisters(word: str) -> frozenset[str]:
    """The words that are told apart from this levelled word with care; empty for most."""
    return _tables()[0].get(word, frozenset())


def _prefixes_differ(said: str, meant: str) -> bool:
    for one, other in (pair for both in _PREFIXES for pair in (both, both[::-1])):
        if meant.startswith(one) and said.startswith(other) and not said.startswith(one):
            return True
    for denial in _DENYING:
        for long, short in ((said, meant), (meant, said)):
            if long.startswith(denial) and OSA.normalized_similarity(long[len(denial) :], short) >= 0.9:
                return len(short) > 3
    return False


def _families_differ(said: str, meant: str) -> bool:
    family = next((ending for ending in _CLASSES if meant.endswith(ending)), None)
    if family is None:
        return False
    theirs = next((ending for ending in _CLASSES if said.endswith(ending)), None)
    if theirs is None:
        return False
    own, other = meant[: -len(family)], said[: -len(theirs)]
    return theirs != family or OSA.distance(own, other) > max(1, len(own) // 4)


@cache
def _tables() -> tuple[dict[str, frozenset[str]], frozenset[str]]:
    groups: dict[str, frozenset[str]] = {}
    for written in _GROUPS.strip().splitlines():
        group = frozenset(level(fold(word)) for word in written.split())
        for word in group:
            groups[word] = groups.get(word, frozenset()) | (group - {word})
    return groups, frozenset(groups)
