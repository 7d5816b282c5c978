//! The objects that clients and admins query, their rows made from directory and model state. What an app's records show is what was set
//! last, in effect or not, as in Setup.

mod people;
mod rows;
mod shapes;

pub use shapes::{Access, Api, SHAPES, Shape};

use super::View;
use super::soql::{Field, Table, Tables};

/// The objects of one API, as the caller sees them.
#[derive(Clone, Copy)]
pub struct Objects<'a> {
    /// Whence.
    pub view: &'a View<'a>,
    /// The Tooling API; else the Data API.
    pub tooling: bool,
}

impl Objects<'_> {
    /// The object of a name, case ignored, where the caller may see it.
    pub fn shape(&self, name: &str) -> Option<&'static Shape> {
        self.shapes()
            .find(|shape| shape.name.eq_ignore_ascii_case(name))
    }

    /// Every object that the caller may see.
    pub fn shapes(&self) -> impl Iterator<Item = &'static Shape> + use<> {
        let hidden = if self.tooling {
            Api::Data
        } else {
            Api::Tooling
        };
        let administrator = self.view.is_administrator();
        SHAPES.iter().filter(move |shape| {
            shape.api != hidden && (administrator || shape.access != Access::Setup)
        })
    }

    /// The fields of an object in this org.
    pub fn fields(&self, shape: &Shape) -> &'static [Field] {
        let org = &self.view.state.org;
        // "No such column" on this field is how one learns that the org has no API Access Control (eca-policy Q9).
        let controlled = org.api_access_control || org.api_access_control_external;
        match shape.fields.split_last() {
            Some((last, others)) if last.name == "PermissionsUseAnyApiClient" && !controlled => {
                others
            }
            _ => shape.fields,
        }
    }
}

impl Tables for Objects<'_> {
    fn table(&self, name: &str) -> Option<Table> {
        let shape = self.shape(name)?;
        let fields = self.fields(shape);
        let mut rows = rows::rows(self.view, shape.name);
        for row in &mut rows {
            row.truncate(fields.len());
        }
        if shape.access == Access::Own && !self.view.is_administrator() {
            let own = self.view.caller_id();
            let owner = fields.iter().position(|field| field.name == "UserId");
            rows.retain(|row| owner.is_some_and(|owner| row[owner] == own.into()));
        }
        Some(Table {
            name: shape.name,
            prefix: shape.kind.prefix(),
            fields,
            relations: shape.relations,
            rows,
        })
    }
}

#[cfg(test)]
mod tests;
