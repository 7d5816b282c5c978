//! Metadata as it is written: the file of a type, and the element that sets a field.

use crate::metadata::RecordType;

/// The files of a metadata type: `*.ecaGlblOauth-meta.xml`, `OauthOidc.settings-meta.xml`. `None` for what is no metadata.
pub(super) fn files_of(type_name: &str) -> Option<String> {
    let record = RecordType::ALL
        .iter()
        .find(|record| record.name() == type_name)?;
    let ending = record.suffix();
    let star = if ending.starts_with('.') { "*" } else { "" };
    Some(format!("{star}{ending}-meta.xml"))
}

/// The Metadata API guide's page of a type that has files.
pub(super) fn guide_of(type_name: &str) -> Option<String> {
    let page = type_name.to_ascii_lowercase();
    files_of(type_name).map(|_| {
        format!(
            "https://developer.salesforce.com/docs/atlas.en-us.api_meta.meta/api_meta/meta_{page}.htm"
        )
    })
}

/// The element that sets `Type.field` to a value, and the file it stands in: `<isPkceRequired>true</isPkceRequired> in
/// *.ecaGlblOauth-meta.xml`. A dotted field is nested, a permission is one of `userPermissions`. `None` for what is no metadata.
pub(super) fn line(field: &str, value: &str) -> Option<String> {
    let (type_name, name) = field.split_once('.')?;
    let file = files_of(type_name)?;
    let permission = name
        .strip_prefix("Permissions")
        .filter(|_| type_name == "PermissionSet");
    let element = match permission {
        Some(permission) => format!(
            "<userPermissions><enabled>{value}</enabled><name>{permission}</name></userPermissions>"
        ),
        None => name.rsplit('.').fold(value.to_owned(), |inner, tag| {
            format!("<{tag}>{inner}</{tag}>")
        }),
    };
    Some(format!("{element} in {file}"))
}

/// How an item is added to a list in one element.
pub(super) fn line_adding(field: &str, item: &str) -> Option<String> {
    let (type_name, name) = field.split_once('.')?;
    let file = files_of(type_name)?;
    Some(format!("{item} added to <{name}> in {file}"))
}

/// A field as the catalogue names it, and what is said of its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Named<'a> {
    /// `Type.field`.
    pub(super) field: String,
    /// The value that makes the cause.
    pub(super) is: Option<&'a str>,
    /// The item whose absence makes it.
    pub(super) lacks: Option<&'a str>,
}

/// The fields in the column `metadata_field` of the catalogue: `Type.field = value, .other lacks Item; Other.field (remark)`.
pub(super) fn fields_in(column: &str) -> Vec<Named<'_>> {
    let mut found: Vec<Named> = Vec::new();
    let mut parent = String::new();
    let parts = column
        .split([',', ';'])
        .flat_map(|part| part.split(" with "))
        .map(|part| part.trim().trim_start_matches("or "));
    for part in parts {
        // `(client side) MyDomainSettings.myDomainName`
        let part = match part.strip_prefix('(') {
            Some(rest) => rest.split_once(") ").map_or("", |(_, rest)| rest),
            None => part,
        };
        let (path, said) = part.split_once(' ').unwrap_or((part, ""));
        let Some((type_name, name)) = path.split_once('.') else {
            continue;
        };
        let is_name = |word: &str| !word.is_empty() && word.chars().all(char::is_alphanumeric);
        if !name.split('.').all(is_name) || !(type_name.is_empty() || is_name(type_name)) {
            continue;
        }
        // `.other` stands beside the field before it.
        let field = if type_name.is_empty() {
            format!("{parent}.{name}")
        } else {
            path.to_owned()
        };
        if field.starts_with('.') {
            continue;
        }
        parent = field
            .rsplit_once('.')
            .map_or(String::new(), |(parent, _)| parent.to_owned());
        found.push(Named {
            field,
            is: said.strip_prefix("= "),
            lacks: said.strip_prefix("lacks "),
        });
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_element_is_written_as_its_file_wants_it() {
        assert_eq!(
            line("ExtlClntAppGlobalOauthSettings.isPkceRequired", "true").as_deref(),
            Some("<isPkceRequired>true</isPkceRequired> in *.ecaGlblOauth-meta.xml")
        );
        assert_eq!(
            line("SecuritySettings.sessionSettings.lockSessionsToIp", "false").as_deref(),
            Some(
                "<sessionSettings><lockSessionsToIp>false</lockSessionsToIp></sessionSettings> in Security.settings-meta.xml"
            )
        );
        assert_eq!(
            line("PermissionSet.PermissionsApiEnabled", "true").as_deref(),
            Some(
                "<userPermissions><enabled>true</enabled><name>ApiEnabled</name></userPermissions> in *.permissionset-meta.xml"
            )
        );
        assert_eq!(line("User.IsActive", "true"), None);
    }

    #[test]
    fn the_fields_of_a_row_are_read() {
        let found = fields_in(
            "Profile.loginIpRanges with ExtlClntAppOauthConfigurablePolicies.ipRelaxationPolicyType = Enforce",
        );
        assert_eq!(found[0].field, "Profile.loginIpRanges");
        assert_eq!(found[1].is, Some("Enforce"));
        let found = fields_in("A.one = X, .two = Y; B.three lacks Api");
        let fields: Vec<&str> = found.iter().map(|named| named.field.as_str()).collect();
        assert_eq!(fields, ["A.one", "A.two", "B.three"]);
        assert_eq!(found[2].lacks, Some("Api"));
        assert_eq!(fields_in("(none)"), []);
        assert_eq!(
            fields_in("(client side) MyDomainSettings.myDomainName")[0].field,
            "MyDomainSettings.myDomainName"
        );
    }
}
