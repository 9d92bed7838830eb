# cmake --install: the program, and beside it the libraries that came as a wheel, so that it runs from anywhere.
include(GNUInstallDirs)
set_target_properties(segue PROPERTIES INSTALL_RPATH "$ORIGIN/../${CMAKE_INSTALL_LIBDIR}/segue")
install(TARGETS segue RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
if(SEGUE_BUNDLED_LIBRARIES)
  install(FILES ${SEGUE_BUNDLED_LIBRARIES} DESTINATION ${CMAKE_INSTALL_LIBDIR}/segue)
endif()
install(FILES LICENSE README.md CONTRIBUTING.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY docs DESTINATION ${CMAKE_INSTALL_DOCDIR})
