//! Which packages are compilers.

use crate::analysis::versions::Build;
use crate::model::PackageName;

/// Package names of compilers, assemblers and linkers, with the wrappers that Nixpkgs puts round some.
const COMPILERS: &[&str] = &[
    "binutils",
    "binutils-unwrapped",
    "cargo",
    "chez-scheme",
    "clang",
    "crystal",
    "dmd",
    "dotnet-sdk",
    "elixir",
    "fpc",
    "g++",
    "gcc",
    "gdc",
    "gfortran",
    "ghc",
    "gnat",
    "go",
    "idris2",
    "kotlin",
    "ldc",
    "mlton",
    "nasm",
    "nim",
    "ocaml",
    "rustc",
    "sbcl",
    "scala",
    "swift",
    "tinycc",
    "typescript",
    "vala",
    "xgcc",
    "yasm",
    "zig",
];
/// What stands behind the name of a compiler that is wrapped, or of what is in the wrapper.
const WRAPPINGS: &[&str] = &["-wrapper", "-unwrapped", "-wrapper-wrapper"];
/// Outputs that are there to run programs, not to make them.
const RUNTIME: &[&str] = &[
    "lib", "libs", "libgcc", "man", "doc", "docs", "info", "data", "terminfo",
];

/// Whether a path is a compiler: by the name of its package, and not one of the outputs that programs need to run.
pub fn is_compiler(package: PackageName<'_>) -> bool {
    let unwrapped = WRAPPINGS
        .iter()
        .find_map(|end| package.pname.strip_suffix(end));
    let mut names = [Some(package.pname), unwrapped].into_iter().flatten();
    let runtime = package
        .output
        .is_some_and(|output| RUNTIME.contains(&output));
    // `go-1.22-env` is something with the compiler, and no compiler.
    let suffix = Build::of(package).suffix;
    let itself = suffix.starts_with(|first: char| first.is_ascii_digit()) || suffix.is_empty();
    itself && !runtime && names.any(|name| COMPILERS.binary_search(&name).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compilers_are_known_by_their_packages_and_their_libraries_are_none() {
        assert!(COMPILERS.is_sorted());
        for name in [
            "gcc-12.3.0",
            "gcc-wrapper-13.2.0",
            "clang-unwrapped-17.0.6",
            "rustc-1.75.0",
            "go-1.22",
            "xgcc-12.3.0",
            "ghc-9.4.8",
            "rustc-wrapper-1.75.0",
        ] {
            assert!(is_compiler(PackageName::parse(name)), "{name}");
        }
        for name in [
            "gcc-12.3.0-lib",
            "xgcc-12.3.0-libgcc",
            "clang-17.0.6-lib",
            "gccmakedep-1.0",
            "mygcc-1",
            "gcc-libs-12",
            "libgcc-12",
            "rustc-1.75.0-doc",
            "gcc-12-base-12.2.0",
            "go-1.22-env",
            "golang-x-1",
            "",
        ] {
            assert!(!is_compiler(PackageName::parse(name)), "{name}");
        }
    }
}
