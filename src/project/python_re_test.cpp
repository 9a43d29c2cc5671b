#include "project/python_testing.h"

namespace plumb::project {
namespace {

// Expectations are what CPython 3.11 prints.
class PythonRe : public PythonModules {};

TEST_F(PythonRe, finds) {
  EXPECT_EQ(of(R"(re.search('(?P<user>\\w+)@(\\w+)', 'to ada@example.com').groupdict())"), "{'user': 'ada'}");
  EXPECT_EQ(of(R"(re.search('(?P<x>b)(c)?', 'äbd'))"), "<re.Match object; span=(1, 2), match='b'>");
  EXPECT_EQ(of("re.match('b', 'ab') is none, re.fullmatch('a', 'ab') is none"), "(True, True)");
  EXPECT_EQ(of(R"(re.findall('(\\w)(\\d)?', 'a1 b'))"), "[('a', '1'), ('b', '')]");
  EXPECT_EQ(render(R"({% for m in re.finditer('\\d', 'a1b2') %}{{ m.start() }}:{{ m[0] }} {% endfor %})"), "1:1 3:2 ");
}

TEST_F(PythonRe, replaces_and_splits) {
  EXPECT_EQ(of(R"(re.sub('(\\w+) (\\w+)', '\\2 \\g<1>', 'Ada Lovelace'))"), "Lovelace Ada");
  EXPECT_EQ(of("re.sub('x*', '-', 'abxd')"), "-a-b--d-");
  EXPECT_EQ(of("re.subn('A', 'b', 'aaa', 2, re.I)"), "('bba', 2)");
  EXPECT_EQ(of(R"(re.split('\\s*(,)\\s*', 'a , b,c'))"), "['a', ',', 'b', ',', 'c']");
  EXPECT_EQ(render("{% macro loud(m) %}{{ m.group(0)|upper }}!{% endmacro %}{{ re.sub('[a-z]+', loud, 'ab 1') }}"),
            "AB! 1");
}

TEST_F(PythonRe, reads_pythons_syntax_where_pcre_has_its_own) {
  EXPECT_EQ(of(R"(re.findall('a{,2}\\Z', 'aaa'))"), "['aa', '']");
  EXPECT_EQ(of(R"(re.findall('[[:a]+', 'a[:b'))"), "['a[:']");
  EXPECT_EQ(of(R"(re.findall('\\u00e4\\v?', 'ä'))"), "['ä']");
  EXPECT_EQ(of(R"(re.findall('(?x) a b # a comment', 'ab'))"), "['ab']");
  EXPECT_EQ(of("re.compile('a', re.I + re.M)"), "re.compile('a', re.IGNORECASE|re.MULTILINE)");
}

TEST_F(PythonRe, says_what_is_wrong_in_pythons_words) {
  EXPECT_EQ(of("re.compile('(a')"), "error: missing ), unterminated subpattern at position 0");
  EXPECT_EQ(of("re.compile('a**')"), "error: multiple repeat at position 2");
  EXPECT_EQ(of(R"(re.compile('\\h'))"), "error: bad escape \\h at position 0");
  EXPECT_EQ(of("re.compile('(?<n>a)')"), "error: unknown extension ?<n at position 1");
  EXPECT_EQ(of(R"(re.sub('a', '\\1', 'a'))"), "error: invalid group reference 1 at position 1");
  EXPECT_EQ(of("re.search('a', 'a').group('x')"), "IndexError: no such group");
  EXPECT_EQ(of("re.match('a', 5)"), "TypeError: expected string or bytes-like object, got 'int'");
}

TEST_F(PythonRe, gives_up_on_what_would_never_end) {
  EXPECT_EQ(of("re.match('(a+)+$', 'a' * 40 ~ '!')").substr(0, 10), "LimitError");
}

class PythonItertools : public PythonModules {};

TEST_F(PythonItertools, walk_lazily) {
  EXPECT_EQ(of("itertools.islice(itertools.count(5, 2), 3)|list"), "[5, 7, 9]");
  EXPECT_EQ(of("itertools.islice(itertools.cycle('ab'), 5)|join"), "ababa");
  EXPECT_EQ(of("itertools.accumulate([1, 2, 3], initial=10)|list"), "[10, 11, 13, 16]");
  EXPECT_EQ(of("itertools.chain.from_iterable([[1], [2, 3]])|list"), "[1, 2, 3]");
  EXPECT_EQ(of("itertools.zip_longest('ab', [1], fillvalue=0)|list"), "[('a', 1), ('b', 0)]");
  EXPECT_EQ(render("{% set a, b = itertools.tee([1, 2]) %}{{ a|list }}{{ a|list }}{{ b|list }}"), "[1, 2][][1, 2]");
}

TEST_F(PythonItertools, combine) {
  EXPECT_EQ(of("itertools.product('ab', [1, 2])|list"), "[('a', 1), ('a', 2), ('b', 1), ('b', 2)]");
  EXPECT_EQ(of("itertools.permutations('abc', 2)|map('join')|join(' ')"), "ab ac ba bc ca cb");
  EXPECT_EQ(of("itertools.combinations('abcd', 2)|map('join')|join(' ')"), "ab ac ad bc bd cd");
  EXPECT_EQ(of("itertools.combinations_with_replacement('abc', 2)|map('join')|join(' ')"), "aa ab ac bb bc cc");
  EXPECT_EQ(of("itertools.combinations('ab', -1)"), "ValueError: r must be non-negative");
}

TEST_F(PythonItertools, are_those_that_dbt_has) {
  EXPECT_EQ(of("itertools.takewhile is defined"), "False");
  EXPECT_EQ(of("modules|list"), "['pytz', 'datetime', 're', 'itertools']");
}

}  // namespace
}  // namespace plumb::project
