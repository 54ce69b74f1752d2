/// The limits of the filter language. Filters and attributes come from clients; each limit bounds what one of them can
/// cost, and lies far above what a person or a program has reason to write.
public enum FilterLimits {
    /// Bytes of an expression's text.
    public static let textLength = 64 << 10
    /// Tokens of an expression; each value in a tuple literal is one.
    public static let tokens = 16 << 10
    /// Numbers that wait for an operator while an expression is evaluated. Only nesting to the right needs many:
    /// `1 + (1 + (1 + …` and `2 ** 2 ** 2 ** …`; parentheses alone and long chains need none.
    public static let depth = 256
    /// Fields that one expression refers to, and the most that may have columns at a time: a set of fields is then one
    /// 64-bit word.
    public static let fields = 64
    /// Bytes of a number's text, in an expression, in attributes and in a string that is used as a number.
    public static let numberLength = 255
    /// How deep arrays may be nested in an attribute that is filtered by.
    public static let nesting = 512
}
