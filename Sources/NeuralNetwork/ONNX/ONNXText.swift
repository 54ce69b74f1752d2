/// A name from a file as messages show it: in quotes, on one line, not longer than a line.
func quoted(_ name: String) -> String {
    var text = "\""
    for (count, scalar) in name.unicodeScalars.enumerated() {
        if count == 100 { return text + "…\"" }
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned, .surrogate:
            text += "\\u{\(String(scalar.value, radix: 16))}"
        default: text.unicodeScalars.append(scalar)
        }
    }
    return text + "\""
}

/// The first of some descriptions, and how many are left out.
func list(_ items: [String], first: Int = 5, separator: String = ", ") -> String {
    let shown = items.prefix(first).joined(separator: separator)
    return items.count > first ? shown + " and \(items.count - first) more" : shown
}
