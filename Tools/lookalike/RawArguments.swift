#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Arguments as the shell gave them. The argument parser works on text, in which bytes that are not UTF-8 are replaced;
/// a path is bytes.
enum RawArguments {
    /// The program's arguments of which the text differs from the bytes, by that text.
    private static let repaired: [String: [UInt8]] = {
        var found: [String: [UInt8]] = [:]
        for index in 1..<max(1, Int(CommandLine.argc)) {
            guard let argument = CommandLine.unsafeArgv[index] else { continue }
            let bytes = [UInt8](UnsafeRawBufferPointer(start: argument, count: strlen(argument)))
            if String(validating: bytes, as: UTF8.self) == nil { found[String(decoding: bytes, as: UTF8.self)] = bytes }
        }
        return found
    }()

    /// The bytes behind an argument's text.
    static func bytes(_ text: String) -> [UInt8] { repaired[text] ?? [UInt8](text.utf8) }
}

/// What the system lets this process have.
enum ProcessLimits {
    /// Descriptors that are kept for the store's files and the rest of the process.
    static let reservedFiles = 256

    /// Raises the limit of open files as far as it goes without rights; the limit now.
    static func raiseOpenFiles() -> Int {
        var limit = rlimit()
        #if canImport(Glibc)
            let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        #else
            let resource = RLIMIT_NOFILE
        #endif
        guard getrlimit(resource, &limit) == 0 else { return 1024 }
        var raised = limit
        raised.rlim_cur = limit.rlim_max
        if setrlimit(resource, &raised) == 0 { limit = raised }
        return Int(clamping: limit.rlim_cur)
    }
}
