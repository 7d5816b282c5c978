//! Patches on the disk, and what of them is shown.

use std::fs;

use super::super::super::{Patch, RecordType, Why};
use super::super::only;
use super::{eca, files, project, put_file, read, why};
use crate::factor::{Delta, Factor};

fn relax() -> Delta {
    Delta::new(Factor::IpRelaxation, "Bypass")
}

/// Names and octets of all files.
fn all(folder: &std::path::Path) -> Vec<(std::path::PathBuf, Vec<u8>)> {
    files(folder)
        .into_iter()
        .map(|path| (path.clone(), fs::read(path).unwrap()))
        .collect()
}

#[test]
fn a_diff_reads_like_any_other() {
    let folder = project(true);
    let before = read(folder.path());
    let patch = Patch::of(&before, eca(&before), &[relax()]).unwrap();
    let name = format!(
        "{}/extlClntAppOauthPolicies/Harness_Web_oauthPlcy.ecaOauthPlcy-meta.xml",
        folder.path().display()
    );
    let name = name.trim_start_matches('/');
    assert_eq!(
        patch.diff(),
        format!(
            "--- a/{name}
+++ b/{name}
@@ -2,7 +2,7 @@
 <ExtlClntAppOauthConfigurablePolicies xmlns=\"http://soap.sforce.com/2006/04/metadata\">
     <commaSeparatedCustomScopes>Harness_Read</commaSeparatedCustomScopes>
     <externalClientApplication>Harness_Web</externalClientApplication>
-    <ipRelaxationPolicyType>Enforce</ipRelaxationPolicyType>
+    <ipRelaxationPolicyType>Bypass</ipRelaxationPolicyType>
     <isClientCredentialsFlowEnabled>false</isClientCredentialsFlowEnabled>
     <isGuestCodeCredFlowEnabled>false</isGuestCodeCredFlowEnabled>
     <isTokenExchangeFlowEnabled>false</isTokenExchangeFlowEnabled>
"
        )
    );
}

#[test]
fn no_secret_is_in_a_diff_or_in_debug() {
    let secrets = [
        "S3cretOne",
        "S3cretTwo",
        "S3cretThree",
        "MIIKeyBody",
        "MIICertBody",
    ];
    let kind = "ExtlClntAppGlobalOauthSettings";
    let text = format!(
        "<{kind} xmlns=\"http://soap.sforce.com/2006/04/metadata\">
    <!-- <consumerSecret>S3cretOne</consumerSecret> -->
    <consumerSecret>S3cretTwo</consumerSecret>
    <clientSecret>S3cretThree<x/></clientSecret>
    <externalClientApplication>A</externalClientApplication>
    <label>-----BEGIN PRIVATE KEY-----
MIIKeyBody
-----END PRIVATE KEY-----</label>
    <certificate>MIICertBody</certificate>
</{kind}>
"
    );
    let folder = tempfile::tempdir().unwrap();
    put_file(folder.path(), "g.ecaGlblOauth-meta.xml", &text);
    let before = read(folder.path());
    let global = only(&before)
        .record(RecordType::ExtlClntAppGlobalOauthSettings)
        .unwrap();
    let mut patch = Patch::new(folder.path());
    patch.set(global, "isDeviceFlowEnabled", "true").unwrap();
    patch.unset(global, "certificate").unwrap();
    patch.set(global, "consumerSecret", "S3cretNew").unwrap();
    let shown = format!("{}{patch:?}", patch.diff());
    for secret in secrets.iter().chain(&["S3cretNew"]) {
        assert!(!shown.contains(secret), "{secret}: {shown}");
    }
    assert!(
        shown.contains("-    <consumerSecret>(not shown)</consumerSecret>"),
        "{shown}"
    );
    assert!(
        shown.contains("+    <consumerSecret>(new, not shown)</consumerSecret>"),
        "{shown}"
    );
    // A file that goes shows as little.
    let mut patch = Patch::new(folder.path());
    patch.remove_file(global).unwrap();
    let shown = patch.diff();
    assert!(
        secrets.iter().all(|secret| !shown.contains(secret)),
        "{shown}"
    );
    assert_eq!(shown.lines().count(), text.lines().count() + 3);
}

#[test]
fn a_file_moves_no_cursor_in_a_diff() {
    let kind = "ExtlClntAppOauthConfigurablePolicies";
    let text = format!(
        "<{kind} xmlns=\"http://soap.sforce.com/2006/04/metadata\">\r\n\t<externalClientApplication>A</externalClientApplication>\r\n\t<label>a\rb\u{9b}2Jc</label>\r\n</{kind}>\r\n"
    );
    let folder = tempfile::tempdir().unwrap();
    put_file(folder.path(), "q.ecaOauthPlcy-meta.xml", &text);
    let before = read(folder.path());
    let patch = Patch::of(&before, only(&before), &[relax()]).unwrap();
    let diff = patch.diff();
    assert!(
        diff.contains("\t<label>a\u{fffd}b\u{fffd}2Jc</label>\r\n"),
        "{diff:?}"
    );
    let octets = patch.files().next().unwrap().after().unwrap();
    assert!(
        std::str::from_utf8(octets)
            .unwrap()
            .contains("a\rb\u{9b}2Jc")
    );
}

#[test]
fn a_changed_file_is_refused_before_and_after_the_patch_is_made() {
    let folder = project(true);
    let before = read(folder.path());
    let target = eca(&before).record(RecordType::ExtlClntAppOauthConfigurablePolicies);
    let target = std::path::PathBuf::from(&target.unwrap().file);
    let deltas = [relax(), Delta::new(Factor::PkceRequired, false)];
    let patch = Patch::of(&before, eca(&before), &deltas).unwrap();
    let text = fs::read_to_string(&target).unwrap();
    fs::write(&target, text.replace("STANDARD", "HIGH_ASSURANCE")).unwrap();
    let then = all(folder.path());
    let error = patch.apply().unwrap_err();
    assert_eq!(error.done, Vec::<String>::new());
    assert_eq!(error.failed.len(), 1);
    assert!(error.to_string().starts_with("nothing was written: `"));
    assert!(error.to_string().ends_with("has changed since it was read"));
    assert_eq!(all(folder.path()), then);
    let stale = why(&before, eca(&before), relax());
    assert!(matches!(stale, Why::File { .. }), "{stale:?}");
    fs::remove_file(&target).unwrap();
    let error = patch.apply().unwrap_err();
    assert_eq!(error.failed[0].reason, "is not there any more");
}

#[test]
fn a_new_file_takes_no_place_that_is_taken() {
    let folder = project(true);
    fs::remove_dir_all(folder.path().join("settings")).unwrap();
    let before = read(folder.path());
    let patch = Patch::of(
        &before,
        eca(&before),
        &[Delta::new(Factor::OrgPkceRequired, true), relax()],
    )
    .unwrap();
    put_file(
        folder.path(),
        "settings/OauthOidc.settings-meta.xml",
        "mine",
    );
    let then = all(folder.path());
    let error = patch.apply().unwrap_err();
    assert_eq!(error.failed.len(), 1);
    assert_eq!(error.failed[0].reason, "is there already, and was not read");
    assert_eq!(all(folder.path()), then);
}

#[cfg(unix)]
#[test]
fn permissions_stay_and_a_protected_file_is_refused() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = project(true);
    let before = read(folder.path());
    let record = eca(&before).record(RecordType::ExtlClntAppOauthConfigurablePolicies);
    let file = record.unwrap().file.clone();
    let mode = |mode| fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
    let patch = Patch::of(&before, eca(&before), &[relax()]).unwrap();
    mode(0o444);
    let error = patch.apply().unwrap_err();
    assert_eq!(error.failed[0].reason, "cannot be written: no permission");
    mode(0o640);
    assert_eq!(patch.apply().unwrap(), std::slice::from_ref(&file));
    let now = fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(now & 0o777, 0o640);
    assert!(
        files(folder.path())
            .iter()
            .all(|path| !path.to_string_lossy().contains("grantproof-"))
    );
}

#[cfg(unix)]
#[test]
fn a_link_leads_no_change_out_of_the_folder() {
    use std::os::unix::fs::symlink;
    let outside = tempfile::tempdir().unwrap();
    let folder = project(true);
    fs::remove_dir_all(folder.path().join("settings")).unwrap();
    let before = read(folder.path());
    symlink(outside.path(), folder.path().join("settings")).unwrap();
    let required = Delta::new(Factor::OrgPkceRequired, true);
    let patch = Patch::of(&before, eca(&before), &[required]).unwrap();
    let error = patch.apply().unwrap_err();
    assert_eq!(
        error.failed[0].reason,
        "is outside the folder: a link leads there"
    );
    assert_eq!(files(outside.path()).len(), 0);
    // A link inside the folder is written through.
    let record = eca(&before).record(RecordType::ExtlClntAppOauthConfigurablePolicies);
    let file = std::path::PathBuf::from(&record.unwrap().file);
    let real = folder.path().join("real.xml");
    fs::rename(&file, &real).unwrap();
    symlink(&real, &file).unwrap();
    let before = read(folder.path());
    Patch::of(&before, eca(&before), &[relax()])
        .unwrap()
        .apply()
        .unwrap();
    assert!(fs::symlink_metadata(&file).unwrap().is_symlink());
    assert!(fs::read_to_string(&real).unwrap().contains("Bypass"));
}

#[cfg(unix)]
#[test]
fn hostile_file_names_are_read_written_and_shown_on_one_line() {
    use std::os::unix::ffi::OsStrExt as _;
    let folder = tempfile::tempdir().unwrap();
    let kind = "ExtlClntAppOauthConfigurablePolicies";
    let text = format!(
        "<{kind} xmlns=\"http://soap.sforce.com/2006/04/metadata\">\n    <externalClientApplication>A</externalClientApplication>\n</{kind}>\n"
    );
    let names: [&[u8]; 3] = [
        b"a\n+++ b/x.ecaOauthPlcy-meta.xml",
        b"\xff\xfe.ecaOauthPlcy-meta.xml",
        b"-rf \x1b[2J.ecaOauthPlcy-meta.xml",
    ];
    for name in names {
        let target = folder
            .path()
            .join(std::ffi::OsStr::from_bytes(name).to_str().map_or_else(
                || std::path::PathBuf::from(std::ffi::OsStr::from_bytes(name)),
                std::path::PathBuf::from,
            ));
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::write(&target, &text).unwrap();
        let before = read(folder.path());
        let patch = Patch::of(&before, only(&before), &[relax()]).unwrap();
        let diff = patch.diff();
        assert_eq!(
            diff.lines().filter(|line| line.starts_with("+++")).count(),
            1,
            "{diff}"
        );
        assert!(!diff.contains('\u{1b}'));
        patch.apply().unwrap();
        assert!(fs::read_to_string(&target).unwrap().contains("Bypass"));
        fs::remove_file(target).unwrap();
    }
}
