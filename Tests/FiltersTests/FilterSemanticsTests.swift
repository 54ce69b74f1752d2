import Testing

/// What expressions mean: the sentences of shared/reference/vector-set-wire.md, section 5, each with its cases.
@Suite struct FilterSemanticsTests {
    private let element = """
        {"n":5,"z":0,"neg":-2.5,"s":"abc","e":"","five":"5","nul":null,"yes":true,"no":false,"t":["a",5,"7",null],
        "none":[],"nested":[[1]],"o":{"n":5},"oo":[1,{"x":2}],"n-3":9,"5e1":1,"long":"the quick brown fox","huge":1e999}
        """

    private func expect(_ expected: Bool, _ filters: [String], line: Int = #line) throws {
        for filter in filters {
            #expect(
                try matches(filter, element) == expected, "\(filter)",
                sourceLocation: SourceLocation(fileID: #fileID, filePath: #filePath, line: line, column: 1))
        }
    }

    @Test func booleansAreNumbers() throws {
        try expect(true, [".yes", ".yes == 1", ".no == 0", "!.no", ".yes + .yes == 2", "(.n == 5) + 1 == 2"])
        try expect(false, [".no", ".yes == 0", ".yes == 'true'"])
    }

    @Test func literals() throws {
        try expect(
            true,
            [".n == 5.0", ".n == 5e0", ".n == 0.5E1", "-5 + .n == 0", "(-5) + .n == 0", "3 - -2 == .n", "5-3 == 2"])
        try expect(true, [".5e1", ".n-3 == 9", ".n - 3 == 2", ".n -3 == 2", "(1)-3 == -2", "'abc' == \"abc\""])
        try expect(
            true,
            ["'a\\'b' == \"a'b\"", "'\\\\' in 'a\\\\b'", "'\\n' != 'n'", "'\\u0041\\q' == 'Aq'", "\"\\\"\" == '\"'"])
        try expect(true, [".n in [1, 5,]", ".n in [-1, 'x', 5]", "!(.n in [])", "null == null", ".z in [-0]"])
    }

    @Test func precedence() throws {
        try expect(true, ["1 < 2 == 1", "1 or 0 and 0", "2 + 3 * 4 == 14", "2 * 3 ** 2 == 18", "2 ** 3 ** 2 == 512"])
        try expect(
            true, ["-2 ** 2 == 4", "10 - 3 - 2 == 5", "16 / 4 / 2 == 2", "7 % 4 % 2 == 1", "!.n in [0]", "!.n == 0"])
        try expect(true, ["1 + 1 in [2]", "(1 or 0) and 1", "!.z ** 2 == 1", "2 ** !.z == 2", "1 + not 0 == 2"])
        try expect(false, ["!(.n in [5])", "(1 or 0) and 0", "3 > 2 > 1", ".n == 5and.no"])
        try expect(true, ["1 || 0 && 0", ".n == 5and.yes", "not .z", "not.z"])
    }

    @Test func notIsFreeToRepeatAndNotInMeansIt() throws {
        try expect(true, ["!!.n", "not not .n", "!(!.n)", ".n not in [6]", "not not not .z", "1 + 1 not in [3] == 1"])
        try expect(false, [".n not in [5]", "!!.z", ".s not in 'xabcx'"])
    }

    @Test func oneMissingFieldMakesAllFalse() throws {
        try expect(
            false,
            [
                ".missing", "!.missing", ".missing == null", ".missing or .n == 5", ".n == 5 or .missing",
                ".missing != 1",
            ])
        try expect(false, [".o", "!.o", ".o or 1", ".oo or 1", ".n == 5 or .oo == 1", "1 or .missing in []"])
        try expect(true, [".nul == null", "!.nul", ".n == 5 or .nul"])
    }

    @Test func truth() throws {
        try expect(
            true, [".n", ".neg", ".s", ".t", ".none", "'0'", "' '", "[]", "0/0", "-0.1", ".five", ".nested", ".long"])
        try expect(false, [".z", ".e", ".nul", "''", "null", "0", "-0"])
        try expect(true, [".s and .t", "1 and .none", ".e or .s", "!.e", "!null", "!''", "(.s and 2) == 1"])
        try expect(false, [".e and 1", ".nul or .z", "!.none", "![]", "!.s", "1 and null"])
    }

    @Test func operandsOfArithmeticAndOrderAreNumbers() throws {
        try expect(true, [".five + 1 == 6", ".five < 6", ".s + 1 == 1", ".nul + 1 == 1", ".t + 1 == 1", ".t >= 0"])
        try expect(
            true,
            ["'0x10' + 0 == 16", "' 5' + 0 == 5", "'5 ' + 0 == 0", "'' + 1 == 1", "'1e2' * 1 == 100", "null <= 0"])
        try expect(true, [".s <= 'abd'", ".s >= 'abd'", "[5] + 1 == 1", "'inf' > 1e308", ".huge > 1e308"])
        try expect(false, [".s < 'abd'", ".s > 'abb'", "'5x' > 0"])
    }

    @Test func divisionAndPowersAreIEEE() throws {
        try expect(true, [".n / 0 > 1e308", "(0 - 1) / 0 < -1e308", "0 / 0 != 0 / 0"])
        try expect(true, ["7.5 % 2 == 1.5", "-7 % 3 == -1", "2 ** 0.5 > 1.414", "0 ** 0 == 1", "5 % 0 != 5 % 0"])
        try expect(false, ["0 / 0 == 0 / 0", "0 / 0 < 1", "0 / 0 >= 1"])
    }

    @Test func equality() throws {
        try expect(
            true, [".s == 'abc'", ".s != 'ABC'", ".long == 'the quick brown fox'", ".long != 'the quick brown fux'"])
        try expect(
            true,
            [
                ".s == 0", "'5' == 5", ".five == .n", ".n == .five", ".five == 4 + 1", "4 + 1 == .five", ".t == 0",
                ".e == 0",
            ])
        try expect(
            true, [".nul == null", ".n != null", ".s != null", "null != 0", ".nul != 0", ".nul != ''", ".z != null"])
        try expect(true, [".t == .none", ".t == [1]", "[] == []", ".n - 5 == .s", "1 - 1 == []", ".none == 'x'"])
        try expect(
            false,
            [".s == 'ab'", ".s == 'abcd'", "'5' == '5.0'", ".n == null", "1 - 1 == null", ".nul == .z", ".n == 'abc'"])
        try expect(
            false, [".five == '5.0'", ".long == .s", "(1 - 1) == .nul", ".nul == (1 - 1)", ".t == null", ".s == .e"])
    }

    @Test func membership() throws {
        try expect(
            true,
            ["'a' in .t", "5 in .t", "'5' in .t", "7 in .t", "null in .t", ".n in .t", ".nul in .t", "2 + 3 in .t"])
        try expect(true, [".s in [0]", "0 in .nested", ".t in [0]", ".n in ['5']", ".five in [5]", "0 in ['x']"])
        try expect(
            true,
            ["'b' in .s", "'' in .s", "'' in .e", ".s in 'xxabcxx'", "'quick' in .long", "'fox' in .long", ".s in .s"])
        try expect(true, ["'aab' in 'aaab'", "'the quick brown fox' in .long"])
        try expect(
            false,
            ["'b' in .t", ".n in []", "5 in 5", ".n in .n", ".n in 5", "'a' in null", "null in null", "5 in '5'"])
        try expect(
            false,
            [
                "'x' in .e", ".s in .e", "'abcd' in .s", "'B' in .s", ".n in (2 + 3)", "(2 + 3) in (2 + 3)",
                "null in [0]",
            ])
        try expect(
            false, ["'foxy' in .long", ".long in .s", "2 + 3 in 5", "5 in .none", "(1) in .s", ".n in .s", "'n' in .o"])
    }

    @Test func elementsWithoutAttributesNeverMatch() throws {
        for filter in ["1", "!0", "'x'", "1 == 1", "[]", ".n", "!.n"] {
            #expect(try !matches(filter, nil))
        }
        #expect(try matches("1", "{}"))
        #expect(try matches("1", "junk"))
        #expect(try !matches("0", "{}"))
        #expect(try !matches(".n", "{}"))
    }
}
