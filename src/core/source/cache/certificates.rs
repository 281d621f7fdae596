//! The certificate authorities to trust, if the user names some instead of the usual ones.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use ureq::tls::{PemItem, RootCerts, TlsConfig, parse_pem};

use crate::plain_file;
use crate::source::SourceError;

/// No file of certificates is longer, in bytes: that of all usual authorities has a few hundred thousand.
const LONGEST: u64 = 64 << 20;

/// The file of certificates that Nix would use: its option wins over its variable, that over `SSL_CERT_FILE`.
pub(crate) fn named(
    nix_options: &[String],
    variable: &dyn Fn(&str) -> Option<OsString>,
) -> Option<PathBuf> {
    let pairs = nix_options.chunks_exact(2).rev();
    let option = pairs
        .filter(|pair| pair[0] == "ssl-cert-file")
        .map(|pair| OsString::from(&pair[1]))
        .next();
    let given = |name: &str| variable(name).filter(|value| !value.is_empty());
    let file = option
        .or_else(|| given("NIX_SSL_CERT_FILE"))
        .or_else(|| given("SSL_CERT_FILE"));
    file.filter(|file| !file.is_empty()).map(PathBuf::from)
}

/// Believes the authorities in a file and no others.
pub(super) fn authorities(file: &Path) -> Result<TlsConfig, SourceError> {
    let unusable = |problem: String| {
        SourceError::Other {
        message: format!("{}: {problem}", file.display()),
        hint: "NIX_SSL_CERT_FILE, SSL_CERT_FILE or --option ssl-cert-file names it as the file of certificates to \
               believe: correct that, or leave it out"
            .to_owned(),
    }
    };
    let pem = plain_file::read(file, LONGEST)
        .map_err(|error| unusable(format!("cannot be read ({error})")))?;
    let certificates: Vec<_> = parse_pem(&pem)
        .filter_map(|item| match item {
            Ok(PemItem::Certificate(certificate)) => Some(certificate),
            _ => None,
        })
        .collect();
    if certificates.is_empty() {
        return Err(unusable("there are no certificates in it".to_owned()));
    }
    let roots = RootCerts::from(certificates);
    Ok(TlsConfig::builder().root_certs(roots).build())
}

/// What is wrong with a server's certificate, if that is what an error of the network speaks of, and what to try.
pub(super) fn complaint(error: &str) -> Option<(&'static str, &'static str)> {
    const NAME_IT: &str = "name the certificates of the authority that signed it: NIX_SSL_CERT_FILE=FILE, or --option \
                           ssl-cert-file FILE";
    const SIGN_ANOTHER: &str = "let it sign a certificate for the server, and name the authority's own: \
                                NIX_SSL_CERT_FILE=FILE, or --option ssl-cert-file FILE";
    const ASK: &str =
        "ask the operator of the cache; check the address and the clock of this machine";
    const OTHER_NAME: (&str, &str) = ("is for another name", ASK);
    const KNOWN: [(&str, (&str, &str)); 6] = [
        (
            "UnknownIssuer",
            ("is not signed by a trusted authority", NAME_IT),
        ),
        (
            "CaUsedAsEndEntity",
            (
                "is an authority's own, with which no server can prove who it is",
                SIGN_ANOTHER,
            ),
        ),
        ("Expired", ("has expired", ASK)),
        ("NotValidYet", ("is not valid yet", ASK)),
        ("NotValidForName", OTHER_NAME),
        ("not valid for name", OTHER_NAME),
    ];
    let (_, reason) = error.split_once("invalid peer certificate")?;
    let known = KNOWN.iter().find(|(word, _)| reason.contains(word));
    let otherwise = ("is not one that can be trusted", NAME_IT);
    Some(known.map_or(otherwise, |(_, words)| *words))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn nix_s_own_words_win() {
        let of = |options: &[&str], variables: &[(&str, &str)]| {
            let options: Vec<String> = options.iter().map(|&text| text.to_owned()).collect();
            let variable = |name: &str| {
                let mut all = variables.iter();
                all.find(|(other, _)| *other == name)
                    .map(|(_, value)| OsString::from(value))
            };
            named(&options, &variable).map(|file| file.display().to_string())
        };
        let both = [("SSL_CERT_FILE", "b"), ("NIX_SSL_CERT_FILE", "a")];
        let option = ["cores", "1", "ssl-cert-file", "x", "ssl-cert-file", "c"];
        assert_eq!(of(&option, &both).as_deref(), Some("c"));
        assert_eq!(of(&["cores", "ssl-cert-file"], &both).as_deref(), Some("a"));
        assert_eq!(of(&[], &both[..1]).as_deref(), Some("b"));
        assert_eq!(of(&["ssl-cert-file", ""], &both), None);
        let empty = [("NIX_SSL_CERT_FILE", ""), ("SSL_CERT_FILE", "b")];
        assert_eq!(of(&[], &empty).as_deref(), Some("b"));
        assert_eq!(of(&[], &[]), None);
    }

    #[test]
    fn a_file_without_certificates_is_an_error_that_names_it() {
        let directory = tempfile::tempdir().expect("a directory");
        let file = directory.path().join("ca.pem");
        for content in [None, Some(""), Some("-----BEGIN CERTIFICATE-----\nzzz")] {
            if let Some(content) = content {
                fs::write(&file, content).expect("a file");
            }
            let error = authorities(&file).expect_err("of no use");
            assert!(error.to_string().contains("ca.pem"), "{error}");
            assert!(
                error
                    .hint()
                    .is_some_and(|hint| hint.contains("NIX_SSL_CERT_FILE"))
            );
        }
    }

    #[test]
    fn what_is_wrong_with_a_certificate_is_said_in_words() {
        let of = |reason: &str| complaint(&format!("io: invalid peer certificate: {reason}"));
        let cases = [
            ("Expired", "has expired", "clock"),
            ("UnknownIssuer", "not signed by", "that signed it"),
            ("Other(OtherError(CaUsedAsEndEntity))", "own", "sign"),
            ("Odd", "not one that can be trusted", "NIX_SSL_CERT_FILE"),
        ];
        for (reason, problem, hint) in cases {
            let told = of(reason).expect("a complaint");
            assert!(
                told.0.contains(problem) && told.1.contains(hint),
                "{told:?}"
            );
        }
        assert_eq!(complaint("io: connection reset"), None);
    }
}
