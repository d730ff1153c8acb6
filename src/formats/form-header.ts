/** On a record in an alert's own form in a topic whose records have another: what goes back from the dead letters of windows, and what `translate` writes. */
export const FORM_HEADER = "alert-digest.form";
export const OWN_FORM = "alert";
