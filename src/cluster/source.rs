//! Asking sources: their schemas and tables.

use super::{Cluster, refusal};
use crate::model::{DmError, SourceName};

impl Cluster {
    /// The schemas of a source.
    ///
    /// # Errors
    /// No such source, or its own words.
    pub async fn schemas(&self, source: &SourceName) -> Result<Vec<String>, DmError> {
        let view = self.view();
        let kept = view.state.sources.get(source).ok_or_else(|| refusal::no_source(source))?;
        self.engine.schemas(kept.file.clone()).await
    }

    /// The base tables of a schema of a source.
    ///
    /// # Errors
    /// No such source, or its own words.
    pub async fn tables(&self, source: &SourceName, schema: String) -> Result<Vec<String>, DmError> {
        let view = self.view();
        let kept = view.state.sources.get(source).ok_or_else(|| refusal::no_source(source))?;
        self.engine.tables(kept.file.clone(), schema).await
    }
}
