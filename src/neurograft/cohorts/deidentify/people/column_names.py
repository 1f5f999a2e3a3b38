"""Names of columns in tables of people: the words of a name tell what it may hold."""

import re
from collections.abc import Collection, Sequence

from neurograft.cohorts.deidentify.plain_values import holds_date, holds_long_number
from neurograft.cohorts.deidentify.scrub_tables import EVENT_WORDS
from neurograft.files.text import fold

# Kinds of columns; a column of another kind holds numbers, or is left out.
REFUSED, DATED, AGE, SEX, HAND, CODE, PERSON, OTHER = (
    "refused", "dated", "age", "sex", "hand", "code", "person", "other",
)  # fmt: skip
# Words of columns that name or place people, in English and German. Chosen here.
_NAMING = """
name names birth birthday birthdate dob born geboren geb vorname nachname nachn address
anschrift street strasse straße zip plz postal postcode city town stadt ort
wohnort phone telephone mobile telefon handy tel mail email insurance versicherung
krankenkasse mrn ssn ahv comment comments kommentar kommentare remark remarks bemerkung
bemerkungen note notes notiz notizen anmerkung anmerkungen freetext freitext physician
doctor arzt ärztin technician operator surgeon examiner untersucher initials initialen
url serial postleitzahl fallnr fallid patnr patid caseno patno hospno yob mob jahrgang
aktenzeichen pid jg bday bmonth byear
"""
NAMING_WORDS = frozenset(_NAMING.split())
NAMING_PAIRS = re.compile(
    r"\b(patient|pat|case|fall|original|hospital|hosp) (id|nr|no|num|number|nummer)\b"
    r"|\bfree text\b|\bpatientid\b|\bcaseid\b|^fall( \d+)?$"
)
# Ends and beginnings of German compounds and of words written as one. `snr` is the
# ratio of signal and noise.
NAMING_PART = re.compile(
    r"\w*geburt\w*|\w*birth\w*|geb(jahr|monat|tag|dat|ort)\w*|\w*jahrgang|\w*plz"
    r"|post(leit)?zahl\w*|(?!file)\w+name|\w+nummer|(?!p?snr)\w+nr|\w*add?ress?e?"
)
DATING_PART = re.compile(r"(?!up|vali|se|man|candi)\w*date|\w*datum|\w*timestamp")
DATING_PAIRS = re.compile(
    r"\bacq time\b|\btime stamp\b|\brecorded ?at\b|\bstart ?time\b"
)
AGE_PART = re.compile(
    r"ages?|ageat\w*|(scan|test)age|age(years?|yrs?|y|months?|m|weeks?|days?)|(\w*)alter|altersgruppe"
)
SEX_WORDS = frozenset(("sex", "gender", "geschlecht"))
HAND_WORDS = frozenset(
    ("handedness", "hand", "handed", "händigkeit", "haendigkeit", "laterality")
)
# Words of columns that hold codes: of groups, sites, devices, treatments, visits.
_CODE = """
group groups grp gruppe diagnosis diagnoses diagnose diagnosen dx subtype subtyp
condition bedingung cohort kohorte sample site centre center zentrum klinik clinic
hospital krankenhaus spital device gerät geraet amplifier verstärker verstaerker
manufacturer hersteller reference medication medications medikation medikament
medikamente drug drugs education bildung schulbildung abschluss task aufgabe run session
sitzung visit status ethnicity ethnie race smoking smoker raucher rauchen arm treatment
therapy therapie behandlung responder response stage stadium severity schweregrad
disease krankheit erkrankung disorder syndrome pathology pathologie epilepsy
epilepsie seizure seizures anfall anfälle etiology aetiology ätiologie lesion läsion
hemisphere genotype apoe language sprache cap montage quality excluded included dataset
control
"""
CODE_WORDS = frozenset(_CODE.split())
# Words of columns that hold labels of other people, or a second one of the same, and
# words that may stand beside them. A plural, as of siblings, is a number. Chosen here.
_PERSON = """
mother mutter father vater parent elternteil grandmother großmutter grossmutter
grandfather großvater grossvater twin zwilling sibling geschwister brother bruder sister
schwester child son sohn daughter tochter cousin spouse husband ehemann wife ehefrau
partner relative verwandter verwandte related verwandt family familie dyad
couple paar pair household haushalt caregiver match matched subject subj participant
proband probandin person versuchsperson vp pseudonym teilnehmer
"""
PERSON_WORDS = frozenset(_PERSON.split())
_BESIDE_PERSON = """
id ids nr no num number nummer label code control to with of mit zu the index recorded
"""
BESIDE_PERSON = frozenset(_BESIDE_PERSON.split())
# Words of columns whose years say when something began. Chosen here.
_TIMING = """
first last onset begin beginning start since seit erst erste erster erstes letzte
letzter letztes beginn manifestation erstmanifestation erstdiagnose year years jahr
"""
TIMING_WORDS = frozenset(_TIMING.split())
# Words that may stand beside those. Chosen here.
_BESIDE = """
main primary secondary first second third current baseline clinical medical code codes
level class category kategorie type typ id ids of the at in and eeg icd dsm iv system
side seite haupt neben order recording study studie patient
"""
BESIDE_WORDS = frozenset(_BESIDE.split())
# Words of columns of measures. Chosen here.
_MEASURES = """
acc accuracy activity adas adhd adl alpha anxiety apathy asymmetry attention auc balance
band bdi beta bis bmi bpm cdr cgi change circumference cm cognition cognitive coherence
connectivity count cognitiv days delta depression diff difference dose duration edss
entropy episodes errors executive exponent faq fatigue fluency frequency fsiq gad gait
gamma gds gender hads hamd hammd head height hours hrsd hy iq item items kg latency
length log madrs max mean median mem memory min minutes mm mmse moca mood motor ms mu n
nihss norm number offset pain panss pct peak percent percentile performance phase phq
piq pittsburgh post power pre psqi psychosis qol quotient range rank rate ratio reaction
relative rest rt scale scaled sclr score scores sd sec seconds self sem severity sf
sigma sleep slope snr speed stai standard std stress subscale subscore subscores sum
summe symptoms symptom t test theta time total trail trials tscore tsc updrs value var
verbal viq wais wert weight weeks working wm x y ymrs years z zscore alter age ages
monate wochen gewicht größe groesse dauer anzahl skala punkte mittelwert gesamt
participant sex gender geschlecht handedness hand händigkeit date datum filename acq
"""
MEASURE_WORDS = frozenset(_MEASURES.split())
# Parts of a date that has a column each.
_PARTS = {
    "day": "day tag d dd", "month": "month monat m mm mon",
    "year": "year jahr y yy yyyy",
}  # fmt: skip
PARTS = {word: part for part, words in _PARTS.items() for word in words.split()}
# 17_03_1961, 1961_03_17
DATE_IN_NAME = re.compile(
    r"(?<!\d)(\d{1,2}_\d{1,2}_(19|20)\d{2}|(19|20)\d{2}_\d{1,2}_\d{1,2})(?!\d)"
)


# All words of names of columns that name nobody.
KNOWN_WORDS = frozenset().union(
    CODE_WORDS,
    TIMING_WORDS,
    BESIDE_WORDS,
    PERSON_WORDS,
    BESIDE_PERSON,
    SEX_WORDS,
    HAND_WORDS,
    MEASURE_WORDS,
    EVENT_WORDS,
)


def split_column_name(name: str) -> list[str]:
    """Return the words and numbers of a name in lower case, also of `camelCase`.

    Example:
        >>> split_column_name("PatientID"), split_column_name("icd-10_code")
        (['patient', 'id'], ['icd', '10', 'code'])
    """
    apart = re.sub(r"(?<=[^\W\d_A-ZÄÖÜ])(?=[A-ZÄÖÜ])", " ", fold(name))
    return re.findall(r"[^\W\d_]+|\d+", apart.lower())


def classify_column(name: str, keep_columns: Collection[str] = ()) -> str:
    """Return the kind of a column, by the words of its name.

    Args:
        name: Of the column.
        keep_columns: Columns that hold codes, as the user says.

    Example:
        >>> classify_column("ethnicity"), classify_column("last_name")
        ('code', 'refused')
        >>> classify_column("updated"), classify_column("visit_date")
        ('other', 'dated')
    """
    words = split_column_name(name)
    joined = " ".join(words)
    if _is_of_person(name, words):
        return PERSON
    if _is_refused(name, words, joined):
        return REFUSED
    if DATING_PAIRS.search(joined) or any(map(DATING_PART.fullmatch, words)):
        return DATED
    if any(map(AGE_PART.fullmatch, words)) or joined in ("years", "jahre"):
        return AGE
    if SEX_WORDS.intersection(words):
        return SEX
    if HAND_WORDS.intersection(words):
        return HAND
    told = {fold(column).lower() for column in keep_columns}
    return CODE if fold(name).lower() in told or _is_code(words) else OTHER


def says_when(name: str) -> bool:
    """Return whether a name says that its numbers may tell when something began.

    Example:
        >>> says_when("first_seizure"), says_when("recording_group")
        (True, False)
    """
    return not TIMING_WORDS.isdisjoint(split_column_name(name))


def is_short_name(name: str) -> bool:
    """Return whether a name holds neither a date nor a long number."""
    is_dated = holds_date(name) or DATE_IN_NAME.search(name) is not None
    return not is_dated and not holds_long_number(name)


def is_known_column(name: str) -> bool:
    """Return whether a name is made of words of the field, which name nobody.

    Example:
        >>> is_known_column("BDI_total_2"), is_known_column("rating_huber")
        (True, False)
    """
    words = split_column_name(name)
    is_age = classify_column(name) == AGE
    return is_age or all(word in KNOWN_WORDS or word.isdigit() for word in words)


def find_parts_of_dates(columns: Sequence[str]) -> frozenset[str]:
    """Find columns of days, months and years that are a date together.

    Args:
        columns: Names of all columns of a table.

    Example:
        >>> names = ["day", "month", "year", "exam_d", "exam_m", "age_d", "age_m"]
        >>> sorted(find_parts_of_dates(names))
        ['day', 'month', 'year']
    """
    found: dict[tuple[str, ...], dict[str, list[str]]] = {}
    for column in columns:
        words = split_column_name(column)
        parts = [word for word in words if word in PARTS]
        if not parts or classify_column(column) == AGE:
            continue
        rest = list(words)
        rest.remove(parts[-1])
        of_rest = found.setdefault(tuple(rest), {})
        of_rest.setdefault(PARTS[parts[-1]], []).append(column)
    whole = [parts for parts in found.values() if len(parts) == len(_PARTS)]
    return frozenset(one for parts in whole for same in parts.values() for one in same)


def _is_of_person(name: str, words: list[str]) -> bool:
    """Return whether a name says that cells are labels of people, and nothing else."""
    plain = {word for word in words if not word.isdigit()}
    is_one = not PERSON_WORDS.isdisjoint(plain)
    return is_one and plain <= PERSON_WORDS | BESIDE_PERSON and is_short_name(name)


def _is_refused(name: str, words: list[str], joined: str) -> bool:
    """Return whether a name says that people are named, or holds a date itself.

    Keys of other tables (`source_id`) are names of people too.
    """
    if not is_short_name(name):
        return True
    is_naming = NAMING_WORDS.intersection(words) or NAMING_PAIRS.search(joined)
    is_key = not {"id", "ids"}.isdisjoint(words) and not CODE_WORDS.intersection(words)
    return bool(is_naming) or is_key or any(map(NAMING_PART.fullmatch, words))


def _is_code(words: list[str]) -> bool:
    """Return whether all words are of codes, or may stand beside them."""
    plain = [word for word in words if not word.isdigit()]
    known = CODE_WORDS | BESIDE_WORDS
    return bool(CODE_WORDS.intersection(plain)) and known.issuperset(plain)
