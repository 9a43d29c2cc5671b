# Writes one C++ file out of text files, as a table that the program carries:
#   cmake -DOUTPUT=builtin_files.cpp -DFOLDER=src/project/builtin -DENDINGS=sql,md -DHEADER=project/builtin.h
#     -DNAMESPACE=plumb::project -DTYPE=BuiltinFile -DFUNCTION=builtin_files [-DSPLIT=1] -P embed.cmake
# An entry is {"path", "text"}; with SPLIT the path's first folder stands for itself: {"folder", "rest", "text"}.
string(REPLACE "," ";" endings "${ENDINGS}")
set(paths "")
foreach(ending IN LISTS endings)
  file(GLOB_RECURSE found RELATIVE ${FOLDER} ${FOLDER}/*.${ending})
  list(APPEND paths ${found})
endforeach()
list(SORT paths)
set(text "#include \"${HEADER}\"\n\nnamespace ${NAMESPACE} {\n\nnamespace {\nconstexpr ${TYPE} kFiles[] = {\n")
foreach(path IN LISTS paths)
  file(READ ${FOLDER}/${path} content)
  set(name "\"${path}\"")
  if(SPLIT)
    string(REGEX REPLACE "^\"([^/]*)/" "\"\\1\", \"" name "${name}")
  endif()
  string(APPEND text "    {${name}, R\"plumb~(${content})plumb~\"},\n")
endforeach()
string(APPEND text "};\n}  // namespace\n\nstd::span<const ${TYPE}> ${FUNCTION}() {\n  return kFiles;\n}\n\n}  // namespace ${NAMESPACE}\n")
file(WRITE ${OUTPUT} "${text}")
