//! Templates of tasks: kept and given back as they came.

use std::sync::Arc;

use super::state::Record;
use super::{Cluster, refusal};
use crate::model::{DmError, TaskName};

impl Cluster {
    /// Keeps a template; one of that name is replaced only with `overwrite`.
    ///
    /// # Errors
    /// There is one already.
    pub async fn keep_template(&self, name: TaskName, body: String, overwrite: bool) -> Result<(), DmError> {
        self.ask(move |core| {
            if !overwrite && core.state.templates.contains_key(&name) {
                return Err(refusal::template_exists(&name));
            }
            core.commit(vec![Record::Template(name, Arc::from(body))])
        })
        .await?
    }

    /// Replaces a template.
    ///
    /// # Errors
    /// There is none of that name.
    pub async fn change_template(&self, name: TaskName, body: String) -> Result<(), DmError> {
        self.ask(move |core| {
            if !core.state.templates.contains_key(&name) {
                return Err(refusal::no_template(&name));
            }
            core.commit(vec![Record::Template(name, Arc::from(body))])
        })
        .await?
    }

    /// A template.
    ///
    /// # Errors
    /// There is none of that name.
    pub fn template(&self, name: &TaskName) -> Result<Arc<str>, DmError> {
        self.view().state.templates.get(name).cloned().ok_or_else(|| refusal::no_template(name))
    }

    /// Forgets a template. One that is not there is forgotten already.
    ///
    /// # Errors
    /// When it can't be written down.
    pub async fn delete_template(&self, name: TaskName) -> Result<(), DmError> {
        self.ask(move |core| {
            if !core.state.templates.contains_key(&name) {
                return Ok(());
            }
            core.commit(vec![Record::NoTemplate(name)])
        })
        .await?
    }
}
