# SPDX-License-Identifier: MIT
"""Where C can be changed, and into what: mutants by libclang's tree."""

import dataclasses
import re
import subprocess

from clang import cindex
from clang.cindex import CursorKind as Kind
from clang.cindex import TypeKind

from scripts import faults

COMPARISONS = {
    "<": ("<=", ">="), "<=": ("<", ">"), ">": (">=", "<="),
    ">=": (">", "<"), "==": ("!=",), "!=": ("==",)}
# Of numbers, which have an order; beside a constant, its neighbours do this.
ORDERED = {"==": ("<=", ">="), "!=": ("<", ">")}
ARITHMETIC = {
    "+": "-", "-": "+", "*": "/", "/": "*", "%": "*", "&": "|", "|": "&",
    "^": "|", "<<": ">>", ">>": "<<"}
UNARY = {"~": "", "-": "", "!": ""}
PREFIXES = "*&~-!"
STEPS = {"++": "--", "--": "++"}
BOOLEANS = ("true", "false")
INTEGERS = {
    TypeKind.CHAR_S, TypeKind.SCHAR, TypeKind.UCHAR, TypeKind.SHORT,
    TypeKind.USHORT, TypeKind.INT, TypeKind.UINT, TypeKind.LONG,
    TypeKind.ULONG, TypeKind.LONGLONG, TypeKind.ULONGLONG}
# The macro of the rows of a table, and the file that has the rows.
ROWS = re.compile(r'#define (\w+)\((.*)\) ({.*)\n#include "(\w+\.def)"\n')
LOOPS = {Kind.WHILE_STMT, Kind.DO_STMT, Kind.FOR_STMT}
BLOCKS = {Kind.COMPOUND_STMT, Kind.IF_STMT} | LOOPS


@dataclasses.dataclass
class Mutant:
    """A change of one expression or statement."""
    path: str       # below ref/
    function: str   # or the table, if it is in one
    operator: str
    start: int      # of what is changed, in bytes
    end: int
    text: str       # in its place; "" where a statement goes
    line: int
    change: faults.Change = None  # what the lists in tools/faults call it
    number: int = 0      # from 1 on, of those that are tried
    first: int = 0       # the number of the first one in the same place
    fate: str = "survived"
    killer: str = ""     # the vector and profile that noticed it


@dataclasses.dataclass
class Table:
    """A constant table: a mutant of it is another one beside it."""
    path: str
    name: str
    start: int  # of its declaration, with the semicolon
    end: int
    uses: list


def one_line(text):
    return " ".join(re.sub(r"/\*.*?\*/", "", text, flags=re.S).split())


def bare(cursor):
    """The expression without parentheses and implicit conversions."""
    while cursor.kind in (Kind.UNEXPOSED_EXPR, Kind.PAREN_EXPR):
        children = list(cursor.get_children())
        if len(children) != 1:
            break
        cursor = children[0]
    return cursor


def type_kind(cursor):
    return bare(cursor).type.get_canonical().kind


def invocations(text, macro):
    """The arguments of each use of a macro in C code, as lists of strings."""
    found = faults.tokens(text)
    for at in range(len(found) - 1):
        if found[at].text != macro or found[at + 1].text != "(":
            continue
        depth, start, arguments = 0, found[at + 1].end, []
        for token in found[at + 1:]:
            depth += (token.text == "(") - (token.text == ")")
            if token.text == "," and depth == 1 or depth == 0:
                arguments.append(text[start:token.start].strip())
                start = token.end
            if depth == 0:
                break
        yield arguments


def with_rows(root, text):
    """The text with the rows of a table for each `#include` of a .def file that
    has the definition of the rows' macro right above it.
    """
    def rows(match):
        macro, names, body, path = match.groups()
        names = [name.strip() for name in names.split(",")]
        lines = []
        for arguments in invocations(
                (root / path).read_text(encoding="ascii"), macro):
            values = dict(zip(names, arguments))
            values["__VA_ARGS__"] = ", ".join(arguments[len(names) - 1:])
            lines.append(re.sub(r"\w+", lambda word: values.get(
                word[0], word[0]), body))
        return "\n".join(lines) + "\n"
    return ROWS.sub(rows, text)


class Source:
    """One file, and what its mutants are."""

    def __init__(self, root, path):
        self.path = path
        self.name = f"{root.name}/{path}"  # what the lists call it
        self.file = str(root / path)       # what libclang calls it
        self.text = with_rows(root, (root / path).read_text(encoding="ascii"))
        self.code = faults.Source(self.text)
        self.found = {}   # (start, end, text): mutant; the first one stays
        self.tables = []
        self.functions = []  # and tables: name, start, end
        self.function = ""

    def owns(self, cursor):
        """Whether it is in this file, not in one that is included inside."""
        return str(cursor.location.file) == self.file

    def range(self, cursor):
        return cursor.extent.start.offset, cursor.extent.end.offset

    def line(self, offset):
        return self.text.count("\n", 0, offset) + 1

    def source(self, cursor):
        start, end = self.range(cursor)
        return self.text[start:end]

    def add(self, operator, start, end, *texts):
        original = one_line(self.text[start:end])
        for text in texts:
            key = (start, end, one_line(text))
            if key[2] != original and key not in self.found:
                self.found[key] = Mutant(
                    self.path, self.function, operator, start, end, key[2],
                    self.line(start))

    def between(self, left, right):
        """The operator between two expressions, and its place."""
        start, end = self.range(left)[1], self.range(right)[0]
        match = re.search(r"[-+*/%&|^<>=!]+", self.text[start:end])
        return (match[0], start + match.start()) if match else (None, start)

    def binary(self, cursor):
        left, right = cursor.get_children()
        sign, at = self.between(left, right)
        if sign is None:
            return
        start, end = self.range(cursor)

        def replace(operator, *signs):
            self.add(operator, start, end,
                     *(self.text[start:at] + other +
                       self.text[at + len(sign):end] for other in signs))

        if sign in COMPARISONS:
            replace("comparison", *COMPARISONS[sign])
            if {type_kind(left), type_kind(right)} <= INTEGERS and \
                    not self.is_constant(bare(right)):
                replace("comparison", *ORDERED.get(sign, ()))
        elif sign in ARITHMETIC:
            kinds = [type_kind(left), type_kind(right)]
            pointers = kinds.count(TypeKind.POINTER)
            if pointers == 0 or pointers == 1 and sign == "+":
                replace("arithmetic", ARITHMETIC[sign])
        elif sign in ("&&", "||"):
            replace("logical", "||" if sign == "&&" else "&&")
            dropped = "true" if sign == "&&" else "false"
            for operand in (left, right):
                self.add("logical", *self.range(operand), dropped)
                self.negate(operand)

    def compound(self, cursor):
        left, right = cursor.get_children()
        sign, at = self.between(left, right)
        start, end = self.range(cursor)
        self.add("arithmetic", start, end,
                 self.text[start:at] + ARITHMETIC[sign[:-1]] + "=" +
                 self.text[at + len(sign):end])

    def unary(self, cursor):
        start, end = self.range(cursor)
        text = self.text[start:end]
        for sign, other in STEPS.items():
            if text.startswith(sign):
                self.add("arithmetic", start, end, other + text[2:])
            elif text.endswith(sign) and text[0] not in PREFIXES:
                self.add("arithmetic", start, end, text[:-2] + other)
        if text[0] in UNARY and text[:2] not in STEPS:
            operator = "condition" if text[0] == "!" else "arithmetic"
            self.add(operator, start, end, text[1:])

    def constant(self, cursor):
        start, end = self.range(cursor)
        text = self.text[start:end]
        if text in BOOLEANS:
            self.add("constant", start, end,
                     BOOLEANS[1 - BOOLEANS.index(text)])
        elif text == "0":
            self.add("constant", start, end, "1")
        elif re.fullmatch(r"(0x)?[0-9a-f]+", text):
            value = int(text, 0)
            self.add("constant", start, end, *(
                hex(v) if text.startswith("0x") else str(v)
                for v in (value + 1, value - 1)), "0")
        elif text.startswith("GROVE_RULE_"):
            self.add("constant", start, end, f"{text} + 1", "GROVE_RULE_NONE")
        else:
            self.add("constant", start, end, f"{text} + 1", f"{text} - 1",
                     "0")

    def negate(self, cursor):
        inner = bare(cursor)
        text = self.source(cursor)
        if inner.kind == Kind.BINARY_OPERATOR:
            sign = self.between(*inner.get_children())[0]
            if sign in COMPARISONS:
                return
        if inner.kind != Kind.UNARY_OPERATOR or text[0] != "!":
            self.add("condition", *self.range(cursor), f"!({text})")

    def condition(self, cursor):
        self.add("condition", *self.range(cursor), *BOOLEANS)
        self.negate(cursor)

    def value(self, operator, cursor):
        """Another value in the place of a whole one."""
        kind = cursor.type.get_canonical().kind
        if self.is_constant(bare(cursor)):
            return
        if kind == TypeKind.BOOL:
            self.add(operator, *self.range(cursor), *BOOLEANS)
            self.negate(cursor)
        elif kind in INTEGERS:
            self.add(operator, *self.range(cursor), "0", "1")
        elif kind == TypeKind.ENUM:
            self.add(operator, *self.range(cursor), "0")
        elif kind == TypeKind.POINTER:
            self.add(operator, *self.range(cursor), "NULL")

    @staticmethod
    def is_constant(cursor):
        return cursor.kind == Kind.INTEGER_LITERAL or \
            cursor.kind == Kind.DECL_REF_EXPR and \
            cursor.referenced.kind == Kind.ENUM_CONSTANT_DECL

    def statement(self, cursor):
        start, end = self.range(cursor)
        end = self.text.index(";", end) + 1
        self.add("statement", start, end, "")

    def loop_condition(self, cursor, children):
        if cursor.kind == Kind.WHILE_STMT:
            return children[0]
        if cursor.kind == Kind.DO_STMT:
            return children[1]
        first = self.text.index(";", self.range(cursor)[0])
        second = self.text.index(";", first + 1)
        for child in children:
            if first < self.range(child)[0] < second:
                return child
        return None

    def table(self, cursor):
        """Its constants, each of them in a copy of all of it."""
        start, end = self.range(cursor)
        self.tables.append(Table(self.path, cursor.spelling, start,
                                 self.text.index(";", end) + 1, []))
        outer, self.function = self.function, cursor.spelling
        for node in cursor.walk_preorder():
            if self.owns(node) and node.kind == Kind.INTEGER_LITERAL and \
                    self.source(node) != "NULL":
                self.constant(node)
        self.function = outer

    def variable(self, cursor, children):
        """Whether what it begins with is worth a look."""
        if not children or not cursor.type.spelling:
            return False
        if cursor.storage_class == cindex.StorageClass.STATIC:
            self.table(cursor)
            return False
        if "=" not in self.source(cursor):
            return False
        if children[-1].kind != Kind.INIT_LIST_EXPR:
            self.value("statement", children[-1])
        return True

    def field(self, children):
        """A field of a list of initial values: .name = value."""
        if len(children) == 2 and children[0].kind == Kind.MEMBER_REF:
            self.value("statement", children[1])

    def node(self, cursor):
        """The mutants of a node; whether those below it are wanted."""
        kind = cursor.kind
        children = list(cursor.get_children())
        text = self.source(cursor)
        if text.startswith(("assert(", "sizeof", "NULL", "alignof")):
            return False
        if kind == Kind.VAR_DECL:
            return self.variable(cursor, children)
        if kind == Kind.BINARY_OPERATOR:
            self.binary(cursor)
        elif kind == Kind.COMPOUND_ASSIGNMENT_OPERATOR:
            self.compound(cursor)
        elif kind == Kind.UNARY_OPERATOR:
            self.unary(cursor)
            if text[0] == "!":
                return True
        elif kind == Kind.INTEGER_LITERAL:
            self.constant(cursor)
        elif kind == Kind.DECL_REF_EXPR:
            self.reference(cursor)
        elif kind in (Kind.IF_STMT, Kind.CONDITIONAL_OPERATOR):
            self.condition(children[0])
        elif kind in LOOPS:
            condition = self.loop_condition(cursor, children)
            if condition is not None:
                self.condition(condition)
        elif kind == Kind.RETURN_STMT and children:
            self.value("return", children[0])
        elif kind == Kind.RETURN_STMT:
            self.statement(cursor)
        elif kind == Kind.UNEXPOSED_EXPR:
            self.field(children)
        if kind in BLOCKS:
            self.statements(cursor, children)
        return True

    def statements(self, cursor, children):
        """What of a block can be left out."""
        for child in children:
            in_head = cursor.kind == Kind.FOR_STMT and \
                child is not children[-1] or \
                cursor.kind in (Kind.IF_STMT, Kind.WHILE_STMT) and \
                child is children[0]
            if in_head:
                continue
            text = self.source(child)
            if child.kind == Kind.BINARY_OPERATOR and \
                    self.between(*child.get_children())[0] == "=" or \
                    child.kind in (Kind.COMPOUND_ASSIGNMENT_OPERATOR,
                                   Kind.CALL_EXPR) or \
                    child.kind == Kind.UNARY_OPERATOR and \
                    (text[-2:] in STEPS or text[:2] in STEPS):
                if not text.startswith("assert("):
                    self.statement(child)

    def reference(self, cursor):
        target = cursor.referenced
        if target is None:
            return
        if target.kind == Kind.ENUM_CONSTANT_DECL:
            self.constant(cursor)
            return
        for table in self.tables:
            if self.source(cursor) == table.name == target.spelling:
                table.uses.append(self.range(cursor))

    def walk(self, cursor):
        if not self.owns(cursor) or not self.node(cursor):
            return
        macro = self.source(cursor)
        # All of a macro stands where it is used: it counts as one constant.
        if re.fullmatch(r"[A-Z][A-Z0-9_]*(\(.*\))?", macro, re.S) and \
                cursor.kind not in (Kind.DECL_REF_EXPR, Kind.INTEGER_LITERAL,
                                    Kind.UNEXPOSED_EXPR, Kind.CALL_EXPR):
            self.constant(cursor)
            return
        for child in cursor.get_children():
            self.walk(child)

    def outline(self, top):
        """Functions and tables of this file."""
        if top.kind == Kind.FUNCTION_DECL and top.is_definition():
            self.function = top.spelling
            self.functions.append((top.spelling, *self.range(top)))
            for child in top.get_children():
                if child.kind == Kind.COMPOUND_STMT:
                    self.walk(child)
        elif top.kind == Kind.VAR_DECL and \
                top.storage_class == cindex.StorageClass.STATIC and \
                "{" in self.source(top):
            self.functions.append((top.spelling, *self.range(top)))
            self.table(top)

    def is_table(self, mutant):
        return any(table.start <= mutant.start < table.end
                   for table in self.tables)

    def mutants(self):
        return sorted(self.found.values(), key=lambda m: (m.start, -m.end))

    def change(self, mutant):
        return faults.change_at(self.name, self.code, mutant.function,
                                mutant.start, mutant.end, mutant.text)


def builtin_headers():
    """Where clang's own headers lie; libclang does not find them itself."""
    folder = subprocess.run(["clang", "-print-resource-dir"], check=True,
                            capture_output=True, text=True).stdout.strip()
    return f"{folder}/include"


def find(root, paths, flags):
    """The sources `paths` below `root`, with what can be changed in each."""
    index = cindex.Index.create()
    headers = builtin_headers()
    sources = {path: Source(root, path) for path in paths}
    done = set()
    for path in paths:
        if not path.endswith(".c"):
            continue
        unit = index.parse(str(root / path), [
            "-std=c11", "-DNDEBUG", f"-I{root}", f"-I{root}/include",
            f"-isystem{headers}", *flags],
            unsaved_files=[(str(root / path), sources[path].text)])
        errors = [d.format() for d in unit.diagnostics if d.severity >= 3]
        if errors:
            raise SyntaxError(errors[0])
        for top in unit.cursor.get_children():
            place = str(top.location.file or "")
            name = place.removeprefix(f"{root}/")
            key = (name, top.extent.start.offset)
            if name in sources and key not in done:
                done.add(key)
                sources[name].outline(top)
    return sources
